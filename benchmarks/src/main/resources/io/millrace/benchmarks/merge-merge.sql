-- Narrow rows, no index, MERGE.
-- measured
CREATE TEMP TABLE staged (LIKE bench.events) ON COMMIT DROP;
COPY staged FROM events;
ANALYZE staged (id);
MERGE INTO bench.events t USING staged s ON t.id = s.id
WHEN MATCHED THEN UPDATE SET meter = s.meter, place = s.place, at = s.at, level = s.level, count = s.count, ok = s.ok,
  _mr_load_id = s._mr_load_id, _mr_id = s._mr_id, note = s.note
WHEN NOT MATCHED THEN INSERT (id, meter, place, at, level, count, ok, note, _mr_load_id, _mr_id)
  VALUES (s.id, s.meter, s.place, s.at, s.level, s.count, s.ok, s.note, s._mr_load_id, s._mr_id);
