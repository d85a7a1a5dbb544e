//go:build unix

package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPartitionedCopy copies a database into one whose large tables are partitioned by clinic, by the
// commands of docs/operations/growing.md: all keys, triggers and policies of the schema must allow it.
// The copy holds the same, keeps clinics apart, and the bot works on it, touching one part of each table.
func TestPartitionedCopy(t *testing.T) {
	t.Parallel()
	d := newDrill(t)
	d.fill()
	d.chat("before", d.live, "", "Early Bird")
	whole := d.contents(d.live)

	parts := d.live.withBoxes("growing.md")
	parts.box("partition")
	parts.database = "partitioned"
	if diff := cmp.Diff(whole.tables, d.contents(parts).tables, cmp.AllowUnexported(tally{})); diff != "" {
		t.Errorf("tables differ (-whole +partitioned):\n%s", diff)
	}
	d.isolated(parts)

	conn := d.connect(parts)
	defer conn.Close(t.Context())
	d.do(conn, "SELECT pg_stat_reset()")
	d.chat("on the copy", parts, "Early Bird", "Late Riser")
	// Sessions tell the statistics what they have read when they end, and end a moment after the bot.
	for len(d.names(conn, "SELECT pid::text FROM pg_stat_activity WHERE usename = 'vetalyze'")) > 0 {
		d.do(conn, "SELECT pg_sleep(0.02)")
	}
	read := d.names(conn, `
		SELECT relname || ' ' || n_tup_ins FROM pg_stat_user_tables
		WHERE relname ~ '_[0-9]+$' AND coalesce(seq_scan, 0) + coalesce(idx_scan, 0) + n_tup_ins > 0
		ORDER BY 1`)
	touched := make(map[string][]string)
	for _, part := range read {
		table := regexp.MustCompile(`_[0-9]+ .*`).ReplaceAllString(part, "")
		touched[table] = append(touched[table], part)
	}
	for _, table := range strings.Fields("owners pets search_terms") {
		if len(touched[table]) != 1 {
			t.Errorf("of %s the bot has touched %v, want one part", table, touched[table])
		}
	}
	fmt.Fprintf(t.Output(), "Of 16 parts each, one clinic's chat has touched (with rows added): %v\n", read)
}
