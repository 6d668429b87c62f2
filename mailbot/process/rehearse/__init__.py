"""Plays a process without a store: `decide` itself, pools that count, and time that jumps.

`examples` plays the tests of a rule file, `replay` what people once wrote, through the rules as they are now.
Nothing here decides: whoever answers differently from the bot's own course would prove nothing.
"""
