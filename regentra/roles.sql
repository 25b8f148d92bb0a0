-- The two roles of design, safe to run again. Run by the embedded engine and by the PostgreSQL of docker-compose.yml.
-- regentra_owner owns the database and migrates it; regentra is what web, workers and tests run as: it owns nothing
-- and no row-level security policy is lifted for it.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'regentra_owner') THEN
        CREATE ROLE regentra_owner LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'regentra') THEN
        CREATE ROLE regentra LOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS;
    END IF;
END $$;

-- Nothing this role does takes a minute; what hangs must not hold locks for ever.
ALTER ROLE regentra SET statement_timeout = '60s';
ALTER ROLE regentra SET lock_timeout = '30s';
ALTER ROLE regentra SET idle_in_transaction_session_timeout = '120s';
ALTER ROLE regentra SET timezone = 'UTC';
ALTER ROLE regentra_owner SET timezone = 'UTC';
