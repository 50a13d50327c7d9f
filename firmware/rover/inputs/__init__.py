"""What a run is given: settings, plan, scenario, uplink file, key, and the state that it starts from."""


class SettingError(ValueError):
    """A setting that cannot be. text: which, what it was and what it may be. names: of the settings to blame."""

    def __init__(self, names, text):
        super().__init__(text)
        self.names = names
        self.text = text
