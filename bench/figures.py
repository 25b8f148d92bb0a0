"""What is measured. Every function prepares its scene, measures, and returns rows of the table."""

from collections.abc import Callable

from bench import crowd, importing, intake, lanes, mishaps, month, scale
from bench.table import Row

ALL: dict[str, Callable[[], list[Row]]] = {
    "single": lanes.single_lane,
    "batch": lanes.batch_lane,
    "new-customer": lanes.new_customer,
    "inbound": lanes.inbound_burst,
    "idle": scale.idle_connections,
    "backlog": scale.backlog,
    "month": month.month,
    "webhooks": intake.webhooks,
    "fairness": crowd.fairness,
}
# What takes longer than all of those together; measured when asked for by name.
LONG: dict[str, Callable[[], list[Row]]] = {
    "month-end-single": lanes.month_end_single,
    "month-end-batch": lanes.month_end_batch,
    "thousand": crowd.thousand,
    "flood": crowd.flood,
    "import": importing.first_import,
    "kills": mishaps.kills,
    "flushes": mishaps.flushes,
    "refreshes": mishaps.refreshes,
}
