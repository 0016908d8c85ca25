"""``python -m crm_core …``: everything the pages do, without the pages.

Exit codes: 0 done, 1 refused with the reason on stderr, 2 wrong usage.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from crm_core import __version__
from crm_core.access import COMMAND_LINE, acting_as
from crm_core.cli.backups import backup, restore_
from crm_core.cli.batches import imports, rate_, redo_, undo_
from crm_core.cli.checking import check
from crm_core.cli.handing_over import hand_over_
from crm_core.cli.importing import import_
from crm_core.cli.merging import merge_rules, merges, unmerge
from crm_core.cli.moving import move_
from crm_core.cli.output import plain_lines
from crm_core.cli.privacy import client_file_, erase_, retention
from crm_core.cli.reporting import export, report
from crm_core.cli.running import demo, serve, start, test
from crm_core.cli.team import audit_, team
from crm_core.cli.watching import watch
from crm_core.errors import CrmError

COMMANDS: tuple[click.Command, ...] = (
    *(start, test),
    *(import_, imports, undo_, redo_, rate_),
    *(watch,),
    *(report, export),
    *(merge_rules, merges, unmerge),
    *(check, backup, restore_, move_),
    *(team, audit_, hand_over_),
    *(client_file_, erase_, retention),
    *(demo, serve),
)
"""Every command, in the order of a first day."""


class Commands(click.Group):
    """The commands in the order they were written down."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands as they were written down."""
        return list(self.commands)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="Regulars", message="%(prog)s %(version)s")
def cli() -> None:
    """Client relationships, read from the sales files a business has."""


for _command in COMMANDS:
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``python -m crm_core``; those of the process by default.

    Returns
    -------
    int
        0 done, 1 refused with the reason on stderr, 2 wrong usage, 130 interrupted.
    """
    try:
        with acting_as(COMMAND_LINE):
            code = cli.main(args=arguments, prog_name="python -m crm_core", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 2
    except CrmError as error:
        click.echo(plain_lines(str(error)), err=True)
        return 1
    except (click.Abort, KeyboardInterrupt):
        return 130
    return code if isinstance(code, int) else 0
