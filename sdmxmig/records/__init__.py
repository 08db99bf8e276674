"""Statistics from person records: residence rules applied to crossings, registers, permits and traces."""
