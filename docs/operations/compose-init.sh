#!/bin/bash
# Run once by the postgres image, when its volume is new: the bot's login, no superuser, and its database.
set -euo pipefail
psql --no-psqlrc --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres --set=password="$DATABASE_PASSWORD" <<'SQL'
CREATE ROLE vetalyze LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE vetalyze OWNER vetalyze TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
SQL
