// This file is the form's tab: the bot's own page in a frame, loaded once the bot listens.
import { byId } from "./dom.js";
import { follow, part } from "./live.js";

/** Load the form when the bot is there, and again after each of its starts that found none. */
export function startForm() {
  let loaded = 0;
  follow(["bot"], () => {
    const bot = part("bot");
    if (bot.state !== "listening" || loaded === bot.starts) return;
    const frame = byId("form-frame");
    if (!loaded) frame.src = frame.dataset.src;
    loaded = bot.starts;
  });
}
