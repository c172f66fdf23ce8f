-- Made by `make schema` from the migrations; not to be edited.
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
-- Running upgrade  -> 0001
CREATE TABLE accounts (
    id TEXT COLLATE "C" NOT NULL,
    engine TEXT NOT NULL,
    label TEXT NOT NULL,
    seats INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (engine, label)
);
CREATE TABLE callers (
    id TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);
CREATE TABLE api_keys (
    id TEXT COLLATE "C" NOT NULL,
    caller_id TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    hint TEXT NOT NULL,
    admin INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (id),
    FOREIGN KEY(caller_id) REFERENCES callers (id),
    UNIQUE (hash)
);
CREATE TABLE jobs (
    id TEXT COLLATE "C" NOT NULL,
    caller_id TEXT COLLATE "C" NOT NULL,
    status TEXT NOT NULL,
    engine TEXT NOT NULL,
    request TEXT NOT NULL,
    plan TEXT NOT NULL,
    percent INTEGER DEFAULT 0 NOT NULL,
    priority INTEGER DEFAULT 0 NOT NULL,
    owner TEXT,
    epoch INTEGER DEFAULT 0 NOT NULL,
    failures INTEGER DEFAULT 0 NOT NULL,
    interruptions INTEGER DEFAULT 0 NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    finished_at BIGINT,
    expires_at BIGINT,
    failure_code TEXT,
    failure_message TEXT,
    cancel_requested_at BIGINT,
    deleted_at BIGINT,
    PRIMARY KEY (id),
    FOREIGN KEY(caller_id) REFERENCES callers (id)
);
CREATE INDEX jobs_deleted ON jobs (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX jobs_of_caller ON jobs (caller_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX jobs_unfinished ON jobs (engine, status, priority DESC, created_at, id) WHERE finished_at IS NULL;
CREATE TABLE assets (
    id TEXT COLLATE "C" NOT NULL,
    job_id TEXT COLLATE "C" NOT NULL,
    variant TEXT NOT NULL,
    media_type TEXT NOT NULL,
    key TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(job_id) REFERENCES jobs (id)
);
CREATE INDEX assets_of_job ON assets (job_id);
CREATE UNIQUE INDEX assets_output ON assets (job_id, variant) WHERE variant != 'input';
CREATE TABLE attempts (
    id TEXT COLLATE "C" NOT NULL,
    job_id TEXT COLLATE "C" NOT NULL,
    take INTEGER NOT NULL,
    number INTEGER NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    state TEXT NOT NULL,
    ticket TEXT,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    failure_code TEXT,
    failure_message TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY(account_id) REFERENCES accounts (id),
    FOREIGN KEY(job_id) REFERENCES jobs (id)
);
CREATE UNIQUE INDEX attempts_of_job ON attempts (job_id, number);
CREATE INDEX attempts_open ON attempts (account_id) WHERE state = 'open';
CREATE TABLE events (
    job_id TEXT COLLATE "C" NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (job_id, number),
    FOREIGN KEY(job_id) REFERENCES jobs (id)
);
CREATE TABLE takes (
    job_id TEXT COLLATE "C" NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (job_id, number),
    FOREIGN KEY(job_id) REFERENCES jobs (id)
);
INSERT INTO alembic_version (version_num) VALUES ('0001') RETURNING alembic_version.version_num;
-- Running upgrade 0001 -> 0002
CREATE TABLE batches (
    id TEXT COLLATE "C" NOT NULL,
    caller_id TEXT COLLATE "C" NOT NULL,
    endpoint TEXT NOT NULL,
    model TEXT,
    input_file_id TEXT COLLATE "C" NOT NULL,
    status TEXT NOT NULL,
    metadata TEXT NOT NULL,
    errors TEXT,
    keep_seconds BIGINT,
    output_file_id TEXT COLLATE "C",
    error_file_id TEXT COLLATE "C",
    total INTEGER DEFAULT 0 NOT NULL,
    completed INTEGER DEFAULT 0 NOT NULL,
    failed INTEGER DEFAULT 0 NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    in_progress_at BIGINT,
    finalizing_at BIGINT,
    completed_at BIGINT,
    failed_at BIGINT,
    expired_at BIGINT,
    cancelling_at BIGINT,
    cancelled_at BIGINT,
    PRIMARY KEY (id),
    FOREIGN KEY(caller_id) REFERENCES callers (id)
);
CREATE INDEX batches_by_status ON batches (status);
CREATE INDEX batches_of_caller ON batches (caller_id, created_at, id);
CREATE TABLE characters (
    id TEXT COLLATE "C" NOT NULL,
    caller_id TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    clip TEXT NOT NULL,
    portrait TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(caller_id) REFERENCES callers (id)
);
CREATE TABLE claims (
    caller_id TEXT COLLATE "C" NOT NULL,
    path TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    object_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (caller_id, path, key),
    FOREIGN KEY(caller_id) REFERENCES callers (id)
);
CREATE INDEX claims_by_age ON claims (created_at);
CREATE TABLE deliveries (
    id TEXT COLLATE "C" NOT NULL,
    caller_id TEXT COLLATE "C" NOT NULL,
    endpoint_id TEXT COLLATE "C",
    target TEXT,
    event_id TEXT COLLATE "C" NOT NULL,
    event_type TEXT NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER DEFAULT 0 NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (id),
    FOREIGN KEY(caller_id) REFERENCES callers (id)
);
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'pending';
CREATE INDEX deliveries_ended ON deliveries (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX deliveries_of_endpoint ON deliveries (endpoint_id, created_at);
CREATE TABLE files (
    id TEXT COLLATE "C" NOT NULL,
    caller_id TEXT COLLATE "C" NOT NULL,
    filename TEXT NOT NULL,
    purpose TEXT NOT NULL,
    key TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    deleted_at BIGINT,
    PRIMARY KEY (id),
    FOREIGN KEY(caller_id) REFERENCES callers (id)
);
CREATE INDEX files_deleted ON files (deleted_at);
CREATE INDEX files_expiring ON files (expires_at);
CREATE INDEX files_of_caller ON files (caller_id, created_at, id);
CREATE TABLE uploads (
    id TEXT COLLATE "C" NOT NULL,
    caller_id TEXT COLLATE "C" NOT NULL,
    filename TEXT NOT NULL,
    purpose TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    keep_seconds BIGINT,
    file_id TEXT COLLATE "C",
    PRIMARY KEY (id),
    FOREIGN KEY(caller_id) REFERENCES callers (id)
);
CREATE INDEX uploads_expiring ON uploads (status, expires_at);
CREATE TABLE webhook_endpoints (
    id TEXT COLLATE "C" NOT NULL,
    caller_id TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    event_types TEXT NOT NULL,
    secret TEXT NOT NULL,
    old_secret TEXT,
    old_secret_until BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT,
    disabled_at BIGINT,
    deleted_at BIGINT,
    PRIMARY KEY (id),
    FOREIGN KEY(caller_id) REFERENCES callers (id)
);
CREATE INDEX endpoints_of_caller ON webhook_endpoints (caller_id, created_at, id);
CREATE TABLE batch_lines (
    batch_id TEXT COLLATE "C" NOT NULL,
    number INTEGER NOT NULL,
    custom_id TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    job_ids TEXT,
    error TEXT,
    PRIMARY KEY (batch_id, number),
    FOREIGN KEY(batch_id) REFERENCES batches (id),
    UNIQUE (batch_id, custom_id)
);
CREATE INDEX lines_by_state ON batch_lines (batch_id, state, number);
CREATE TABLE delivery_tries (
    delivery_id TEXT COLLATE "C" NOT NULL,
    number INTEGER NOT NULL,
    at BIGINT NOT NULL,
    status INTEGER,
    error TEXT,
    PRIMARY KEY (delivery_id, number),
    FOREIGN KEY(delivery_id) REFERENCES deliveries (id)
);
CREATE TABLE job_metadata (
    job_id TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (job_id, name),
    FOREIGN KEY(job_id) REFERENCES jobs (id)
);
CREATE INDEX jobs_by_metadata ON job_metadata (name, value, job_id);
CREATE TABLE upload_parts (
    id TEXT COLLATE "C" NOT NULL,
    upload_id TEXT COLLATE "C" NOT NULL,
    key TEXT NOT NULL,
    size BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(upload_id) REFERENCES uploads (id)
);
CREATE INDEX parts_of_upload ON upload_parts (upload_id);
ALTER TABLE events ADD COLUMN percent INTEGER DEFAULT 0 NOT NULL;
ALTER TABLE jobs ADD COLUMN media TEXT DEFAULT 'video' NOT NULL;
ALTER TABLE jobs ADD COLUMN expired_at BIGINT;
ALTER TABLE jobs ADD COLUMN metadata TEXT DEFAULT '{}' NOT NULL;
ALTER TABLE jobs ADD COLUMN variants TEXT;
ALTER TABLE jobs ADD COLUMN webhook TEXT;
ALTER TABLE jobs ADD COLUMN link_version INTEGER DEFAULT 0 NOT NULL;
ALTER TABLE jobs ADD COLUMN fingerprint TEXT;
ALTER TABLE jobs ADD COLUMN answers INTEGER DEFAULT 1 NOT NULL;
ALTER TABLE jobs ADD COLUMN used_at BIGINT;
CREATE INDEX jobs_expiring ON jobs (expires_at) WHERE expired_at IS NULL;
CREATE INDEX jobs_unused ON jobs (caller_id, fingerprint) WHERE used_at IS NULL;
DROP INDEX assets_output;
CREATE UNIQUE INDEX assets_output ON assets (job_id, variant) WHERE variant NOT IN ('input', 'preview');
UPDATE alembic_version SET version_num='0002' WHERE alembic_version.version_num = '0001';
-- Running upgrade 0002 -> 0003
CREATE TABLE leases (
    name TEXT COLLATE "C" NOT NULL,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE installation (
    name TEXT COLLATE "C" NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE request_counts (
    caller_id TEXT COLLATE "C" NOT NULL,
    minute BIGINT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (caller_id, minute),
    FOREIGN KEY(caller_id) REFERENCES callers (id)
);
ALTER TABLE accounts ADD COLUMN base_url TEXT;
ALTER TABLE accounts ADD COLUMN secret TEXT;
ALTER TABLE accounts ADD COLUMN when_down TEXT DEFAULT 'fail' NOT NULL;
ALTER TABLE accounts ADD COLUMN rests_until BIGINT;
ALTER TABLE accounts ADD COLUMN rest_reason TEXT;
ALTER TABLE accounts ADD COLUMN removed_at BIGINT;
ALTER TABLE accounts ADD COLUMN per_node INTEGER DEFAULT 0 NOT NULL;
ALTER TABLE jobs ADD COLUMN wait_until BIGINT;
ALTER TABLE jobs ADD COLUMN progressed_at BIGINT;
ALTER TABLE attempts ADD COLUMN sending_at BIGINT;
ALTER TABLE attempts ADD COLUMN cost BIGINT;
ALTER TABLE deliveries ADD COLUMN held_until BIGINT;
CREATE INDEX jobs_waiting ON jobs (wait_until) WHERE finished_at IS NULL AND status = 'queued';
INSERT INTO installation (name, value) VALUES ('oldest_code', '0003');
UPDATE alembic_version SET version_num='0003' WHERE alembic_version.version_num = '0002';
-- Running upgrade 0003 -> 0004
ALTER TABLE accounts ADD COLUMN proxy TEXT;
CREATE TABLE names (
    name TEXT COLLATE "C" NOT NULL,
    engine TEXT NOT NULL,
    model TEXT NOT NULL,
    settings TEXT NOT NULL,
    pointed_at BIGINT NOT NULL,
    PRIMARY KEY (name)
);
UPDATE alembic_version SET version_num='0004' WHERE alembic_version.version_num = '0003';
-- Running upgrade 0004 -> 0005
ALTER TABLE accounts ADD COLUMN plan TEXT;
ALTER TABLE accounts ADD COLUMN models TEXT DEFAULT '[]' NOT NULL;
ALTER TABLE accounts ADD COLUMN in_groups TEXT DEFAULT '[]' NOT NULL;
ALTER TABLE accounts ADD COLUMN limits TEXT DEFAULT '[]' NOT NULL;
ALTER TABLE accounts ADD COLUMN still_seats INTEGER DEFAULT 1 NOT NULL;
ALTER TABLE accounts ADD COLUMN per_day INTEGER;
ALTER TABLE accounts ADD COLUMN per_month INTEGER;
ALTER TABLE accounts ADD COLUMN priority INTEGER DEFAULT 0 NOT NULL;
ALTER TABLE accounts ADD COLUMN weight INTEGER DEFAULT 1 NOT NULL;
ALTER TABLE accounts ADD COLUMN machine TEXT COLLATE "C";
ALTER TABLE accounts ADD COLUMN disabled INTEGER DEFAULT 0 NOT NULL;
ALTER TABLE accounts ADD COLUMN errors INTEGER DEFAULT 0 NOT NULL;
ALTER TABLE accounts ADD COLUMN rejected_at BIGINT;
ALTER TABLE accounts ADD COLUMN checked_at BIGINT;
ALTER TABLE accounts ADD COLUMN expires_at BIGINT;
ALTER TABLE accounts ADD COLUMN warned_at BIGINT;
CREATE TABLE machines (
    id TEXT COLLATE "C" NOT NULL,
    seats INTEGER NOT NULL,
    account_id TEXT COLLATE "C",
    PRIMARY KEY (id)
);
ALTER TABLE names ADD COLUMN pick TEXT DEFAULT 'first' NOT NULL;
ALTER TABLE names ADD COLUMN weight INTEGER DEFAULT 1 NOT NULL;
ALTER TABLE names ADD COLUMN plans TEXT DEFAULT '[]' NOT NULL;
CREATE TABLE fallbacks (
    name TEXT COLLATE "C" NOT NULL,
    place INTEGER NOT NULL,
    engine TEXT NOT NULL,
    model TEXT NOT NULL,
    settings TEXT NOT NULL,
    weight INTEGER NOT NULL,
    plans TEXT NOT NULL,
    PRIMARY KEY (name, place),
    FOREIGN KEY(name) REFERENCES names (name)
);
ALTER TABLE jobs ADD COLUMN choice INTEGER DEFAULT 0 NOT NULL;
ALTER TABLE jobs ADD COLUMN charged BIGINT;
ALTER TABLE jobs ADD COLUMN cost BIGINT;
ALTER TABLE attempts ADD COLUMN media TEXT DEFAULT 'video' NOT NULL;
ALTER TABLE attempts ADD COLUMN cost_estimated INTEGER DEFAULT 0 NOT NULL;
CREATE INDEX attempts_by_day ON attempts (account_id, started_at);
CREATE TABLE charges (
    job_id TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    caller_id TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (job_id, kind),
    FOREIGN KEY(caller_id) REFERENCES callers (id)
);
CREATE INDEX charges_of_caller ON charges (caller_id, at);
CREATE INDEX charges_by_time ON charges (at, job_id, kind);
CREATE TABLE costs (
    job_id TEXT COLLATE "C" NOT NULL,
    caller_id TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (job_id),
    FOREIGN KEY(caller_id) REFERENCES callers (id)
);
CREATE INDEX costs_by_time ON costs (at);
CREATE INDEX jobs_with_cost ON jobs (finished_at) WHERE cost IS NOT NULL;
CREATE INDEX characters_of_caller ON characters (caller_id);
UPDATE jobs SET cost = (SELECT sum(cost) FROM attempts WHERE job_id = jobs.id) WHERE id IN (SELECT job_id FROM attempts WHERE cost IS NOT NULL);
INSERT INTO installation (name, value) VALUES ('accounts_version', '0');
UPDATE installation SET value = '0005' WHERE name = 'oldest_code';
UPDATE attempts SET media = 'image' WHERE state = 'open' AND job_id IN (SELECT id FROM jobs WHERE media = 'image');
UPDATE alembic_version SET version_num='0005' WHERE alembic_version.version_num = '0004';
