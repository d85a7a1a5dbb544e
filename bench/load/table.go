package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"vetalyze/internal/crowd"
)

// writeTable prints the measurements side by side, to be read by itself and put into docs/benchmarks.md as it is.
func writeTable(to io.Writer, columns []column) {
	lines := tabwriter.NewWriter(to, 0, 0, 1, ' ', tabwriter.AlignRight|tabwriter.Debug)
	row := func(name string, cell func(column) string) {
		cells := []string{name}
		for _, c := range columns {
			cells = append(cells, cell(c))
		}
		fmt.Fprintf(lines, "\t %s \t\n", strings.Join(cells, " \t "))
	}
	number := func(name, format string, of func(column) float64) {
		row(name, func(c column) string { return fmt.Sprintf(format, of(c)) })
	}
	row("", func(c column) string { return string(c.intake) + ", " + c.what })
	row("updates/s asked", func(c column) string {
		if c.asked == 0 {
			return "as many as can be"
		}
		return fmt.Sprintf("%.0f", c.asked)
	})
	number("updates/s answered", "%.0f", func(c column) float64 { return float64(len(c.came)) / c.took.Seconds() })
	for _, percent := range []float64{50, 99, 99.9} {
		number(fmt.Sprintf("p%v ms, update to answer", percent), "%.2f", func(c column) float64 { return millis(percentile(c.came, percent)) })
	}
	for _, share := range crowd.Day {
		row(fmt.Sprintf("p50/p99 ms, %s", share.Deed), func(c column) string {
			some := slices.DeleteFunc(slices.Clone(c.came), func(a answer) bool { return a.deed != share.Deed })
			if len(some) == 0 {
				return "-"
			}
			return fmt.Sprintf("%.2f/%.2f", millis(percentile(some, 50)), millis(percentile(some, 99)))
		})
	}
	number("without an answer", "%.0f", func(c column) float64 { return float64(c.never) })
	number("other answers", "%.0f", func(c column) float64 { return float64(c.strange) })
	each := func(name, format string, of func(column) float64) {
		number(name, format, func(c column) float64 { return of(c) / max(c.cost.updates, 1) })
	}
	each("queries an update", "%.2f", func(c column) float64 { return c.cost.queries })
	each("database ms an update", "%.2f", func(c column) float64 { return c.cost.queryTime * 1000 })
	each("Redis calls an update", "%.2f", func(c column) float64 { return c.cost.redisCalls })
	each("Bot API calls an update", "%.2f", func(c column) float64 { return c.cost.apiCalls })
	each("processor ms an update: bot", "%.3f", func(c column) float64 { return millis(c.cost.bot) })
	each("PostgreSQL", "%.3f", func(c column) float64 { return millis(c.cost.postgres) })
	each("Redis", "%.3f", func(c column) float64 { return millis(c.cost.redis) })
	each("simulator and people", "%.3f", func(c column) float64 { return millis(c.cost.driver) })
	each("all", "%.3f", func(c column) float64 {
		return millis(c.cost.bot + c.cost.postgres + c.cost.redis + c.cost.driver)
	})
	each("allocations an update", "%.0f", func(c column) float64 { return c.cost.objects })
	each("kB allocated an update", "%.1f", func(c column) float64 { return c.cost.bytes / 1000 })
	number("garbage collections/s", "%.1f", func(c column) float64 { return c.cost.collections / c.took.Seconds() })
	const megabyte = 1 << 20
	number("bot's memory MB, resident", "%.1f", func(c column) float64 { return c.memory.resident / megabyte })
	number("most so far", "%.1f", func(c column) float64 { return c.memory.most / megabyte })
	number("heap in use", "%.1f", func(c column) float64 { return c.memory.heap / megabyte })
	_ = lines.Flush() // standard output
}

// percentile returns the duration that so many percent of the answers do not exceed.
func percentile(answers []answer, percent float64) time.Duration {
	if len(answers) == 0 {
		return 0
	}
	sorted := slices.SortedFunc(slices.Values(answers), func(a, b answer) int { return cmp.Compare(a.took, b.took) })
	at := int(float64(len(sorted))*percent/100+0.999999) - 1
	return sorted[max(0, min(at, len(sorted)-1))].took
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
