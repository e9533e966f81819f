"""The door to the playground's page: `serve_page` puts it on loopback."""

from playground.page.server import Page, serve_page

__all__ = ["Page", "serve_page"]
