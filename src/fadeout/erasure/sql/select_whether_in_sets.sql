-- Whether the references to deleted contacts may be checked in sets: this user may leave the checks row
-- by row out, no reference does more than refuse, and nobody hung a trigger on contacts.
SELECT has_parameter_privilege('session_replication_role', 'SET')
    AND NOT EXISTS (
        SELECT FROM pg_constraint
        WHERE contype = 'f' AND confrelid = 'contacts_contact'::regclass
            AND (confdeltype <> 'a' OR cardinality(conkey) <> 1))
    AND NOT EXISTS (
        SELECT FROM pg_trigger WHERE tgrelid = 'contacts_contact'::regclass AND NOT tgisinternal)
