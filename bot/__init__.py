"""The frame of Bellhop: command line, settings, rules, durable engine, receipts, web server and wiring."""
