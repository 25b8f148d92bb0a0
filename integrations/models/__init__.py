"""The rows that sync keeps."""

from integrations.models.api_call import ApiCall, CallLane
from integrations.models.batch import Batch
from integrations.models.budget import Pulse, ReadBudget
from integrations.models.call_total import CallTotal
from integrations.models.connection import (
    QUICKBOOKS,
    QUICKBOOKS_EMAIL,
    Connection,
    ConnectionStatus,
    Credential,
    Environment,
    OAuthState,
    PayNow,
    companies_before,
    companies_in_use,
    companies_that_count,
    company_for,
    company_in_use,
    is_for_quickbooks,
    latest_connection,
    live_connection,
    live_connections,
)
from integrations.models.discrepancy import Discrepancy
from integrations.models.doorbell import Doorbell
from integrations.models.due import SyncDue
from integrations.models.import_run import ImportRun, ImportState
from integrations.models.intent import Intent, IntentState
from integrations.models.intuit_app import IntuitApp, own_app
from integrations.models.known_database import KnownDatabase
from integrations.models.link import Link
from integrations.models.mapping import Mapping, MappingSubject
from integrations.models.mirror import MirrorEntry
from integrations.models.notification import NoticeKind, Notification, Severity
from integrations.models.policy import (
    RULES_CHANGED,
    SyncRules,
    changes_of,
    hold_policies,
    policies_in_force,
    set_policies,
)
from integrations.models.proposal import ProposalState, RuleProposal
from integrations.models.round import Round
from integrations.models.sync_job import SyncJob
from integrations.models.tally import CompanyCount, Tally

__all__ = [
    "QUICKBOOKS",
    "QUICKBOOKS_EMAIL",
    "RULES_CHANGED",
    "ApiCall",
    "Batch",
    "CallLane",
    "CallTotal",
    "CompanyCount",
    "Connection",
    "ConnectionStatus",
    "Credential",
    "Discrepancy",
    "Doorbell",
    "Environment",
    "ImportRun",
    "ImportState",
    "Intent",
    "IntentState",
    "IntuitApp",
    "KnownDatabase",
    "Link",
    "Mapping",
    "MappingSubject",
    "MirrorEntry",
    "NoticeKind",
    "Notification",
    "OAuthState",
    "PayNow",
    "ProposalState",
    "Pulse",
    "ReadBudget",
    "Round",
    "RuleProposal",
    "Severity",
    "SyncDue",
    "SyncJob",
    "SyncRules",
    "Tally",
    "changes_of",
    "companies_before",
    "companies_in_use",
    "companies_that_count",
    "company_for",
    "company_in_use",
    "hold_policies",
    "is_for_quickbooks",
    "latest_connection",
    "live_connection",
    "live_connections",
    "own_app",
    "policies_in_force",
    "set_policies",
]
