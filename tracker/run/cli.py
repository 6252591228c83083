"""The command line: its commands and its exit codes. What is heavy is imported where it is used."""

import gc
import sqlite3
import sys
import traceback
from importlib import import_module

import click

from db.errors import DatabaseUnusable, NotInDatabase
from tracker.run.errors import Exit, SiteUnreachable, UsageError
from tracker.run.logs import Log
from tracker.run.options import Settings, common

EXIT_CODES: dict[type[Exception], Exit] = {
    UsageError: Exit.USAGE,
    NotInDatabase: Exit.USAGE,
    SiteUnreachable: Exit.UNREACHABLE,
    DatabaseUnusable: Exit.DATABASE,
}


IN_MODULE = {
    "analysing": ("search", "export", "serve", "prune"),
    "crawling": ("demo", "run", "crawl", "import", "merge"),
    "evidence": ("verify", "snapshot", "coverage", "as-of", "reread"),
    "exploring": ("check", "locales"),
    "judging": ("accept", "watch"),
    "looking": ("changes", "trending", "history", "diff", "report", "schema"),
    "operating": ("schedule", "status", "init", "config"),
    "telling": ("notify",),
}
"""Module -> its commands."""
MODULE_OF = {name: module for module, names in IN_MODULE.items() for name in names}


class Commands(click.Group):
    """Loads a command when it is named: a monitor's `status` waits for no other."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(MODULE_OF)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in MODULE_OF:
            return None
        module = import_module(f"tracker.run.{MODULE_OF[name]}")
        return next(command for command in module.commands if command.name == name)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="helpwatch")
@common
def helpwatch(settings: Settings) -> None:
    """Watches a help centre and tells, with evidence, what changed."""


OBJECTS_BETWEEN_COLLECTIONS = 10_000
"""Little of what we make hangs together in circles. To look for those after every 700 objects, as
Python does by itself, took a twelfth of a crawl's time."""


def main() -> None:
    """The console command. Every error is one or two lines; --debug shows the traceback."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    debug = "--debug" in sys.argv
    log = Log()
    log.begin(debug=debug)
    sys.exit(_run(debug, log))


def _run(debug: bool, log: Log) -> int:
    try:
        return int(helpwatch.main(standalone_mode=False, obj=Settings(log=log)) or Exit.DONE)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "helpwatch"
        _say(f"Error: {error.format_message()} Try `{path} --help`.", debug, log)
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped. What was recorded so far is kept.", err=True)
        return Exit.UNHEALTHY
    except BrokenPipeError:
        # The reader of our output (`| head`) has seen enough.
        sys.stderr.close()
        return Exit.DONE
    except tuple(EXIT_CODES) as error:
        _say(f"Error: {error}", debug, log)
        return next(code for kind, code in EXIT_CODES.items() if isinstance(error, kind))
    except sqlite3.DatabaseError as error:
        what = f"Error: The database cannot be used: {error}. `helpwatch verify` says more."
        _say(what, debug, log)
        return Exit.DATABASE
    except Exception as error:
        what = (
            f"Error: helpwatch failed unexpectedly ({type(error).__name__}: {error}). "
            "Run it again with --debug and report what it shows."
        )
        _say(what, debug, log)
        return Exit.UNHEALTHY


def _say(what: str, debug: bool, log: Log) -> None:
    """An error on standard error and in the log file, without any secret."""
    if debug:
        click.echo(log.secrets.hide(traceback.format_exc()), err=True, nl=False)
    click.echo(log.secrets.hide(what), err=True)
    log.note(what)


if __name__ == "__main__":
    main()
