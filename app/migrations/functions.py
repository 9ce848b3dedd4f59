"""SQL functions, as revisions create them. A revision never changes one that a running program may still call: it adds another.

Nothing else may change what a revision has created either: a test knows the text of each function.
"""

from app.roadmaps.states import IS_OPEN, QUEUED

# Accepts a roadmap in one round trip, and holds its lock no longer than that: checks the user's token, the idempotency key and the
# quota, and writes the request and its event.
ACCEPT_ROADMAP = f"""
CREATE FUNCTION accept_roadmap(
    p_user_id uuid, p_token_version integer, p_id uuid, p_key text, p_body jsonb, p_event_id uuid, p_event jsonb,
    p_grace interval, p_quota integer, OUT outcome text, OUT id uuid, OUT status text
) LANGUAGE plpgsql AS $$
DECLARE
    known roadmap_requests;
BEGIN
    PERFORM FROM users WHERE users.id = p_user_id AND users.token_version = p_token_version;
    IF NOT FOUND THEN
        outcome := 'unauthenticated';
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(p_user_id::text, 0));
    SELECT * INTO known FROM roadmap_requests AS r WHERE r.user_id = p_user_id AND r.idempotency_key = p_key;
    IF FOUND THEN
        outcome := CASE WHEN known.body = p_body THEN 'known' ELSE 'key_reused' END;
        id := known.id;
        status := known.status;
        RETURN;
    END IF;
    IF p_quota <= (SELECT count(*) FROM roadmap_requests AS r
                   WHERE r.user_id = p_user_id AND r.{IS_OPEN}) THEN
        outcome := 'quota_exceeded';
        RETURN;
    END IF;
    INSERT INTO roadmap_requests (id, user_id, idempotency_key, body, next_dispatch_at)
    VALUES (p_id, p_user_id, p_key, p_body, clock_timestamp() + p_grace);
    INSERT INTO outbox (id, request_id, event, next_dispatch_at)
    VALUES (p_event_id, p_id, p_event, clock_timestamp() + p_grace);
    outcome := 'accepted';
    id := p_id;
    status := {QUEUED!r};
END
$$
"""  # noqa: S608 - of our own words alone

# The same, for releases in which a session can end by itself and a day has a budget; 0 is no limit. A day is UTC's.
ACCEPT_IN_SESSION = f"""
CREATE FUNCTION accept_in_session(
    p_user_id uuid, p_token_version integer, p_session_id uuid, p_id uuid, p_key text, p_body jsonb, p_event_id uuid,
    p_event jsonb, p_grace interval, p_quota integer, p_user_budget numeric, p_budget numeric,
    OUT outcome text, OUT id uuid, OUT status text, OUT remaining integer
) LANGUAGE plpgsql AS $$
DECLARE
    known roadmap_requests;
    today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
BEGIN
    PERFORM FROM users WHERE users.id = p_user_id AND users.token_version = p_token_version
        AND NOT EXISTS (SELECT FROM ended_sessions AS s WHERE s.id = p_session_id);
    IF NOT FOUND THEN
        outcome := 'unauthenticated';
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(p_user_id::text, 0));
    remaining := p_quota - (SELECT count(*) FROM roadmap_requests AS r WHERE r.user_id = p_user_id AND r.{IS_OPEN});
    SELECT * INTO known FROM roadmap_requests AS r WHERE r.user_id = p_user_id AND r.idempotency_key = p_key;
    IF FOUND THEN
        outcome := CASE WHEN known.body = p_body THEN 'known' ELSE 'key_reused' END;
        id := known.id;
        status := known.status;
        RETURN;
    END IF;
    IF remaining <= 0 THEN
        outcome := 'quota_exceeded';
        RETURN;
    END IF;
    IF p_user_budget > 0 AND p_user_budget <=
        (SELECT coalesce(sum(cost_usd), 0) FROM provider_spending AS p WHERE p.day = today AND p.user_id = p_user_id) THEN
        outcome := 'user_budget_spent';
        RETURN;
    END IF;
    IF p_budget > 0 AND p_budget <=
        (SELECT coalesce(sum(cost_usd), 0) FROM provider_spending AS p WHERE p.day = today) THEN
        outcome := 'budget_spent';
        RETURN;
    END IF;
    INSERT INTO roadmap_requests (id, user_id, idempotency_key, body, next_dispatch_at)
    VALUES (p_id, p_user_id, p_key, p_body, clock_timestamp() + p_grace);
    INSERT INTO outbox (id, request_id, event, next_dispatch_at)
    VALUES (p_event_id, p_id, p_event, clock_timestamp() + p_grace);
    outcome := 'accepted';
    id := p_id;
    status := {QUEUED!r};
    remaining := remaining - 1;
END
$$
"""  # noqa: S608 - of our own words alone

# The last position in a roadmap's log. A transaction that stores events calls it first, for each of its roadmaps in the order of their
# locks: until its commit no other transaction appends to that log, so that positions follow the order in which events become visible.
# It is volatile, so that it sees what was committed while it waited; the calling statement does not see that.
LOG_END = """
CREATE FUNCTION log_end(p_request_id uuid) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('execution_logs', 1));
    PERFORM pg_advisory_xact_lock(log_lock(p_request_id));
    RETURN coalesce((SELECT max(position) FROM execution_logs WHERE request_id = p_request_id), 0);
END
$$
"""
LOG_LOCK = """
CREATE FUNCTION log_lock(p_request_id uuid) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT hashtextextended(p_request_id::text, 1)
$$
"""
# A release without positions stores events in the order of its batch. It holds the lock alone, so it disturbs no other transaction.
PLACE_LOG_EVENT = """
CREATE FUNCTION place_log_event() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('execution_logs', 1));
    NEW.position := log_end(NEW.request_id) + 1;
    RETURN NEW;
END
$$
"""
PLACE_LOG_EVENTS = """
CREATE TRIGGER place_log_event BEFORE INSERT ON execution_logs
FOR EACH ROW WHEN (NEW.position = 0) EXECUTE FUNCTION place_log_event()
"""
