#!/usr/bin/env python
"""Django's command line."""

import os
import sys


def main() -> None:
    if sys.argv[1:2] == ["extract"]:  # reads files on a bare machine: no settings, no database
        from uploads.management.commands.extract import Command

        Command().run_from_argv(sys.argv)
        return
    if sys.argv[1:2] == ["check_citations"]:  # checks formats where there are no settings
        from jurisprudence.citations import bare

        if bare.is_bare():
            bare.run()
            return
    if sys.argv[1:2] == ["deadline"]:  # counts on a bare machine too
        from jurisprudence.management.commands.deadline import Command as Deadline

        Deadline().run_from_argv(sys.argv)
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "romagent.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
