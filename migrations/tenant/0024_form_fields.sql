-- Forms on the web ask for custom fields, too, as `custom.<key>` among their fields. What a form can't be sent without:

ALTER TABLE lead_form ADD required text[] NOT NULL DEFAULT '{}';
