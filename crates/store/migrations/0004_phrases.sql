-- An index for phrases on PostgreSQL, without extensions: the pairs of characters in a text.
-- Pairs, not triples, because many a Chinese word has two characters.

-- only postgres
CREATE FUNCTION bigrams(body TEXT) RETURNS TEXT[] IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT array_agg(DISTINCT here || next) FROM (
        SELECT here, lead(here) OVER (ORDER BY place) AS next
        FROM unnest(string_to_array(body, NULL)) WITH ORDINALITY AS characters (here, place)
    ) AS pairs WHERE next IS NOT NULL
$$;
CREATE INDEX texts_bigrams ON texts USING gin (bigrams(body));
-- end
