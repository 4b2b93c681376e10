"""The same file through dlt at its best settings: orjson, parquet staging, pages of 2,000 records, workers as told.

Usage: dlt_load.py FILE DATABASE WORKERS. Prints the seconds from the first call of dlt until the rows are committed (imports
are not counted), as JSON."""
import json
import os
import sys
import time

file, database, workers = sys.argv[1], sys.argv[2], sys.argv[3]
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"
os.environ["NORMALIZE__WORKERS"] = workers
os.environ["LOAD__WORKERS"] = workers
os.environ["DATA_WRITER__BUFFER_MAX_ITEMS"] = "20000"
os.environ["EXTRACT__DATA_WRITER__FILE_MAX_ITEMS"] = "50000"  # files are what its workers share

import dlt

try:
    from orjson import loads
except ImportError:
    from json import loads


@dlt.resource(name="events", write_disposition="append")
def events():
    page = []
    with open(file, "rb") as lines:
        for line in lines:
            page.append(loads(line))
            if len(page) == 2000:
                yield page
                page = []
    if page:
        yield page


if __name__ == "__main__":
    start = time.monotonic()
    pipeline = dlt.pipeline(
        pipeline_name="bench",
        pipelines_dir=database + ".dlt",
        destination=dlt.destinations.duckdb(database),
        dataset_name="bench",
    )
    pipeline.run(events(), loader_file_format="parquet")
    print(json.dumps({"seconds": time.monotonic() - start, "dlt": dlt.__version__}))
