"""A local QuickBooks Online that can be trusted. Imports nothing of the product."""

from sandbox.core import Sandbox
from sandbox.messages import Request, Response
from sandbox.server import Box, serve

__all__ = ["Box", "Request", "Response", "Sandbox", "serve"]
