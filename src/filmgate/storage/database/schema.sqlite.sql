-- Made by `make schema` from the migrations; not to be edited.
BEGIN;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE accounts (
	id TEXT NOT NULL,
	engine TEXT NOT NULL,
	label TEXT NOT NULL,
	seats INTEGER NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (engine, label)
);
CREATE TABLE callers (
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (name)
);
CREATE TABLE api_keys (
	id TEXT NOT NULL,
	caller_id TEXT NOT NULL,
	hash TEXT NOT NULL,
	hint TEXT NOT NULL,
	admin INTEGER NOT NULL,
	created_at BIGINT NOT NULL,
	revoked_at BIGINT,
	PRIMARY KEY (id),
	FOREIGN KEY(caller_id) REFERENCES callers (id),
	UNIQUE (hash)
);
CREATE TABLE jobs (
	id TEXT NOT NULL,
	caller_id TEXT NOT NULL,
	status TEXT NOT NULL,
	engine TEXT NOT NULL,
	request TEXT NOT NULL,
	"plan" TEXT NOT NULL,
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
	id TEXT NOT NULL,
	job_id TEXT NOT NULL,
	variant TEXT NOT NULL,
	media_type TEXT NOT NULL,
	"key" TEXT NOT NULL,
	size BIGINT NOT NULL,
	sha256 TEXT NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(job_id) REFERENCES jobs (id)
);
CREATE INDEX assets_of_job ON assets (job_id);
CREATE UNIQUE INDEX assets_output ON assets (job_id, variant) WHERE variant != 'input';
CREATE TABLE attempts (
	id TEXT NOT NULL,
	job_id TEXT NOT NULL,
	take INTEGER NOT NULL,
	number INTEGER NOT NULL,
	account_id TEXT NOT NULL,
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
	job_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	kind TEXT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (job_id, number),
	FOREIGN KEY(job_id) REFERENCES jobs (id)
);
CREATE TABLE takes (
	job_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	PRIMARY KEY (job_id, number),
	FOREIGN KEY(job_id) REFERENCES jobs (id)
);
INSERT INTO alembic_version (version_num) VALUES ('0001');
COMMIT;
