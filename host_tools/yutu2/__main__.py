"""The command `yutu2`, and `python -m yutu2`: a small door before all that takes time to import."""


def main() -> None:
    """Run the command line. Ctrl-C while it is being imported ends it at once: nothing is open yet."""
    import os  # which Python has loaded already

    try:
        import signal

        def end(number: int, frame: object) -> None:
            try:
                os.write(2, b"yutu2: interrupted\n")
            finally:
                os._exit(130)

        # Where a shell ignores it in the background, it stays ignored
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, end)
        from yutu2.cli.main import main as run
    except KeyboardInterrupt:
        os.write(2, b"yutu2: interrupted\n")
        raise SystemExit(130) from None
    run()


if __name__ == "__main__":
    main()
