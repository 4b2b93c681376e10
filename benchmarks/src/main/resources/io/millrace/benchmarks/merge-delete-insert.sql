-- Narrow rows, no index: one scan of the table, a hash of the batch.
-- measured
CREATE TEMP TABLE staged (LIKE bench.events) ON COMMIT DROP;
COPY staged FROM events;
ANALYZE staged (id);
DELETE FROM bench.events t USING staged s WHERE t.id = s.id;
INSERT INTO bench.events SELECT * FROM staged;
