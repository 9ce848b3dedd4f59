"""SQL functions, as revisions create them. A revision never changes one that a running program may still call: it adds another.

Nor may anything else change what a revision has created: a test knows the text of each.
"""

from app.roadmaps.states import IS_OPEN, QUEUED

# Everything that accepting a roadmap takes, in one round trip and under a lock that is held for no longer: the user's
# token, the idempotency key, the quota, the request, and the event that tells of it.
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
