"""stub"""

import click


@click.command()
def replay() -> None:
    """stub"""
