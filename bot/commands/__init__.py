"""The command line: every command's words and options; each one's work is in a module of its own.

SDKs and the engine are imported when a command runs, so that `--help` answers at once.
Exit codes: 0 fine, 1 the work failed, 2 wrong settings (one line that says which and where to get it).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, get_args

import typer

from bot.commands.lightness import start_lightly
from bot.commands.terminal import take_any_letter
from bot.errors import PROGRAM, BellhopError, SettingsError
from bot.events import State
from bot.secrecy import hidden

app = typer.Typer(
    name="bot",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Bellhop: something happens, Claude is asked, the answer lands where the person is looking.",
)

STATES = ", ".join(get_args(State))


def main() -> None:
    """Run the command line; a mistake of the settings is one line on stderr and exit code 2."""
    start_lightly()
    take_any_letter(sys.stdout, sys.stderr)
    try:
        app()
    except BellhopError as error:
        print(hidden(error.reason), file=sys.stderr)
        sys.exit(2 if isinstance(error, SettingsError) else 1)


@app.command()
def run(
    role: Annotated[str, typer.Option(help="What this process does: all, web, triggers or worker.")] = "all",
) -> None:
    """Serve the open doors until stopped (Ctrl-C or SIGTERM)."""
    from bot.commands.run import run_doors

    run_doors(role)


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the page is; a busy port picks the next one.")] = 8080,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the page.")] = False,
) -> None:
    """Try everything on this machine, with no account."""
    from bot.commands.demo import run_demo

    run_demo(port=port, open_browser=not no_browser)


@app.command()
def ask(
    text: Annotated[list[str] | None, typer.Argument(help="The question; what is piped in is added to it.")] = None,
    file: Annotated[list[Path] | None, typer.Option(help="A document to read with it; may be given often.")] = None,
    no_stream: Annotated[bool, typer.Option("--no-stream", help="Print the answer when it is whole.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON, with tokens and cost.")] = False,
    dry: Annotated[
        bool, typer.Option("--dry", help="Print the prompt and what it would cost; nothing is asked.")
    ] = False,
) -> None:
    """Ask Claude one question from the shell."""
    from bot.commands.ask import ask_once

    how = {"stream": not no_stream and not as_json, "as_json": as_json, "dry": dry}
    sys.exit(ask_once(" ".join(text or ()), tuple(file or ()), **how))


@app.command()
def init() -> None:
    """Lay .env, rules.example.toml and Slack's manifest into this folder, for an installation without a checkout."""
    from bot.commands.init import lay_examples

    lay_examples(Path.cwd())


@app.command()
def check(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for each thing tested.")] = False,
) -> None:
    """Test every credential, permission and door, and say in plain words what to mend."""
    from bot.commands.check import check_all

    sys.exit(check_all(as_json=as_json))


@app.command()
def events(
    state: Annotated[str | None, typer.Option("--state", "-s", help=f"Only these: {STATES}.")] = None,
    source: Annotated[str | None, typer.Option(help="Only from there: slack, sheet, batch, …")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    limit: Annotated[int, typer.Option("-n", help="How many.", min=1)] = 20,
    export: Annotated[str | None, typer.Option("--export", help="One event by its id, as JSON for `replay`.")] = None,
) -> None:
    """Show what became of events, newest first."""
    if export is not None:
        from bot.commands.rehearse import export_event

        export_event(export)
        return
    from bot.commands.events import show_events

    show_events(state, source, limit, as_json=as_json)


@app.command()
def retry(
    ids: Annotated[list[str] | None, typer.Argument(help=f"Event ids, as `{PROGRAM} events` shows them.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Every failed event.")] = False,
    skipped: Annotated[bool, typer.Option("--skipped", help="Every skipped event, such as a backlog.")] = False,
) -> None:
    """Run failed or skipped events again."""
    from bot.commands.events import retry_events

    sys.exit(retry_events(tuple(ids or ()), failed=failed, skipped=skipped))


@app.command()
def fire(
    rule: Annotated[str, typer.Argument(help='The name of a rule with on = "schedule".')],
    dry: Annotated[
        bool, typer.Option("--dry", help="Print the prompt and what it would cost; nothing is asked.")
    ] = False,
) -> None:
    """Run a schedule rule now."""
    from bot.commands.rehearse import fire as fire_rule

    sys.exit(fire_rule(rule, dry=dry))


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help=f"What `{PROGRAM} events --export ID` printed.")],
    model: Annotated[str, typer.Option(help="Another model than the rule's.")] = "",
) -> None:
    """Ask an exported event again; both answers are printed, nothing is delivered."""
    from bot.commands.rehearse import replay as replay_event

    sys.exit(replay_event(file, model))


@app.command(name="try")
def try_(
    file: Annotated[Path, typer.Argument(help="A rules file with the changed rule.")],
    rule: Annotated[str, typer.Option(help="The rule's name.")],
    last: Annotated[int, typer.Option(help="How many of its events.", min=1, max=100)] = 5,
    night: Annotated[bool, typer.Option("--night", help="As one batch, at half the price; it may take a day.")] = False,
    batch: Annotated[str, typer.Option(help="Read the answers of a batch that --night sent before.")] = "",
) -> None:
    """Ask a rule's last events again under a changed rule; old and new answers are printed, nothing is delivered."""
    from bot.commands.rehearse import try_rule

    sys.exit(try_rule(file, rule, last, by_night=night, batch_id=batch))


@app.command()
def batch(  # noqa: PLR0917  # the command line's own options
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of documents, with its sub-folders.")],
    ask: Annotated[str, typer.Option(help="What to ask of each; {filename} is filled in.")] = "",
    columns: Annotated[
        str, typer.Option(help="FILE:RULE, such as rules.toml:invoices: its columns and question.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before they are sent.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what was begun; asks nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for each document.")] = False,
) -> None:
    """Ask about every document of a folder at half the price; the answers lie beside them, with one report."""
    from bot.commands.batch import Wishes, batch_folder

    sys.exit(batch_folder(folder, Wishes(ask, columns, yes, resume, as_json)))


@app.command()
def costs(
    days: Annotated[int, typer.Option(help="How far back.", min=1)] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="A table for a spreadsheet.")] = False,
) -> None:
    """Show tokens and money by day, rule, model, person and source.

    What `ask`, `replay` and `try` asked is no event, and not among them.
    """
    from bot.commands.costs import show_costs

    show_costs(days, as_json=as_json, as_csv=as_csv)
