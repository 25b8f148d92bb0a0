#!/bin/bash
# Run once by the PostgreSQL image of docker-compose.yml: the two roles, their passwords, the database.
set -eu
psql --username postgres --set ON_ERROR_STOP=1 --file /roles.sql
psql --username postgres --set ON_ERROR_STOP=1 \
    --set owner_password="$REGENTRA_OWNER_PASSWORD" --set password="$REGENTRA_DATABASE_PASSWORD" <<'SQL'
ALTER ROLE regentra_owner PASSWORD :'owner_password';
ALTER ROLE regentra PASSWORD :'password';
CREATE DATABASE regentra OWNER regentra_owner;
SQL
