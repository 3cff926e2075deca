"""The seven tools over MCP: a server of them, and how the chat takes them from one."""
