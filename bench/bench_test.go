// Package bench measures the front desk's questions, and the platform's page of clinics, against a full database, each
// beside the same SQL through bare pgx in the same run: what the tenant's scope and row-level security, sqlc and the
// registry cost. BENCH_DATABASE_URL names a database that `vetalyze load` has filled (a superuser's URL); without it a small
// one is made on the fly. TestExplain writes docs/explain.md.
package bench

import (
	"fmt"
	"os"
	"testing"

	"vetalyze/internal/embedded/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func BenchmarkFrontDesk(b *testing.B) {
	s := open(b)
	var results []result
	for _, q := range questions {
		var last result
		b.Run(q.name, func(b *testing.B) {
			last = measure(b, s, q)
			last.report(b)
		})
		if last.question != "" { // it was not left out by -bench
			results = append(results, last)
		}
	}
	if len(results) > 0 {
		fmt.Printf("\n%s\n\n", s.describe(b))
		table(os.Stdout, results)
	}
}

// TestQuestionsAreAnswered keeps the questions fit to be measured.
func TestQuestionsAreAnswered(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, q := range questions {
		t.Run(q.name, func(t *testing.T) {
			inputs := s.inputs(t, q)
			found := 0
			for i, in := range inputs {
				answers, err := q.ask(t.Context(), s.asks, in)
				must(t, err)
				found += min(answers, 1)
				for _, statement := range s.record(t, q, inputs[i:i+1]) {
					must(t, s.replay(t.Context(), statement))
				}
			}
			if found == 0 {
				t.Errorf("none of %d was answered", len(inputs))
			}
		})
	}
}
