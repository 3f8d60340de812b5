"""Pages on which the people who run the service connect LMSs: by one link, or by hand."""
