"""What both halves of the webhook door share: hooks that programs call, and forms that people fill in.

How something that came in over HTTP becomes an event, whatever it came as:

    from bot.doors.webhook.deliveries import Delivery, Deliveries, File, OtherBody

    delivery = Delivery(
        rule=rule,                            # the Rule whose hook or form it is
        text="Why is the sky blue?",          # the message; "" when there is none
        fields={"Name": "Ann"},               # fill `{Name}` in the rule's ask, and stand beside the text without one
        files=(File("a.pdf", data),),         # kept in the database with the event; their name is shown, never opened
        delivery_id="…",                      # the same id is the same event; "" makes a new one
        body_sha256="…",                      # the same id with another body raises OtherBody; "" compares nothing
    )
    receipt = await deliveries.accept(delivery)    # durable, files and id and all, in one commit

`accept` raises TryAgain when nothing can be stored (503), Forgotten for an id whose receipt is gone. `receipt.id`
is new or known; `EventAccess.status_url(id)` (bot/web/event_access.py) is where it may be looked at. `Deliveries(emit,
store)` is made once, of the `emit` that the trigger's `routes` got and the `DeliveryStore` of the database.
"""
