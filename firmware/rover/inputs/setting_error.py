"""What is wrong with a setting, a plan or a scenario."""


class SettingError(ValueError):
    """A setting that cannot be. text: which, what it was and what it may be. names: of the settings to blame."""

    def __init__(self, names, text):
        super().__init__(text)
        self.names = names
        self.text = text
