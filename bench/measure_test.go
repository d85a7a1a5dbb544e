package bench

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"
)

// clients is how many ask at once where throughput is measured.
const clients = 8

// A figure is how one way of asking did.
type figure struct {
	p50, p99 time.Duration // of one client, asking again and again
	rate     float64       // answers a second, to all clients together
}

// A result is a question asked through Vetalyze, and its SQL through bare pgx.
type result struct {
	question       string
	vetalyze, bare figure
}

// measure asks both ways in turn, so that whatever else the machine does befalls both alike; then each way on its own by
// many clients at once.
func measure(b *testing.B, s *stage, q question) result {
	inputs := s.inputs(b, q)
	sent := s.record(b, q, inputs)
	ours := func(i int) error {
		_, err := q.ask(b.Context(), s.asks, inputs[i%len(inputs)])
		return err
	}
	bare := func(i int) error { return s.replay(b.Context(), sent[i%len(sent)]) }
	for i := range 100 { // prepares statements, warms caches
		must(b, ours(i))
		must(b, bare(i))
	}

	b.ResetTimer()
	took, tookBare := make([]time.Duration, 0, b.N), make([]time.Duration, 0, b.N)
	for i := range b.N {
		took = append(took, timed(b, ours, i))
		tookBare = append(tookBare, timed(b, bare, i))
	}
	return result{
		question: q.name,
		vetalyze: figure{percentile(took, 50), percentile(took, 99), rate(b, ours)},
		bare:     figure{percentile(tookBare, 50), percentile(tookBare, 99), rate(b, bare)},
	}
}

func timed(b *testing.B, ask func(int) error, i int) time.Duration {
	begun := time.Now()
	err := ask(i)
	took := time.Since(begun)
	must(b, err)
	return took
}

// rate asks as often again, by many clients.
func rate(b *testing.B, ask func(int) error) float64 {
	var next atomic.Int64
	var group errgroup.Group
	begun := time.Now()
	for range clients {
		group.Go(func() error {
			for i := int(next.Add(1)); i <= b.N; i = int(next.Add(1)) {
				if err := ask(i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	must(b, group.Wait())
	return float64(b.N) / time.Since(begun).Seconds()
}

// percentile returns the duration that so many percent do not exceed.
func percentile(took []time.Duration, percent int) time.Duration {
	slices.SortFunc(took, cmp.Compare)
	return took[(len(took)*percent+99)/100-1]
}

// report gives the figures to the testing package. What it prints as time for an operation is the median of Vetalyze.
func (r result) report(b *testing.B) {
	b.ReportMetric(float64(r.vetalyze.p50.Nanoseconds()), "ns/op")
	b.ReportMetric(millis(r.vetalyze.p99), "p99-ms")
	b.ReportMetric(r.vetalyze.rate, "answers/s")
	b.ReportMetric(millis(r.bare.p50), "bare-p50-ms")
	b.ReportMetric(millis(r.bare.p99), "bare-p99-ms")
	b.ReportMetric(r.bare.rate, "bare-answers/s")
	b.ReportMetric(r.ratio(), "times-bare")
}

// ratio is how many times as long the median takes through Vetalyze.
func (r result) ratio() float64 { return float64(r.vetalyze.p50) / float64(r.bare.p50) }

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// table prints results as one that can be read, and put into docs/benchmarks.md as it is.
func table(to io.Writer, results []result) {
	lines := tabwriter.NewWriter(to, 0, 0, 1, ' ', tabwriter.AlignRight|tabwriter.Debug)
	row := func(cells ...string) { fmt.Fprintf(lines, "\t %s \t\n", strings.Join(cells, " \t ")) }
	row("question", "p50 ms", "p99 ms", "answers/s", "bare p50 ms", "bare p99 ms", "bare answers/s", "times bare")
	for _, r := range results {
		cells := []string{r.question}
		for _, f := range []figure{r.vetalyze, r.bare} {
			cells = append(cells, fmt.Sprintf("%.2f", millis(f.p50)), fmt.Sprintf("%.2f", millis(f.p99)), fmt.Sprintf("%.0f", f.rate))
		}
		row(append(cells, fmt.Sprintf("%.2f", r.ratio()))...)
	}
	_ = lines.Flush() // standard output
}
