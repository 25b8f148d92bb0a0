"""What can go wrong between a request and an organization's data."""


class OutsideOrganization(RuntimeError):
    """Tenant data was asked for outside within(organization)."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)
