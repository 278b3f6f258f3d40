-- This instant, by the clock that chunks are committed by.
SELECT clock_timestamp()
