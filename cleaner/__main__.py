"""`python -m cleaner`, and the script `cleaner`."""

import signal


def main() -> None:
    """Run the command line."""
    # The modules take a moment to load. An interrupt in it, or after the command, ends the process without a traceback.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from cleaner import cli

    cli.main()


if __name__ == "__main__":
    main()
