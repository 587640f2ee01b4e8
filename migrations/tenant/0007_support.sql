-- Why somebody of the platform wrote, and for whom, beside their own name: {"visit", "behalf_of", "reason"}.
ALTER TABLE change_set ADD support jsonb;
