-- Where the addresses lead that everybody has.
SELECT code, id, destination, retired_at FROM links_tracked_link WHERE code = ANY(%(codes)s::text[])
