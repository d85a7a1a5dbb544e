package main

import (
	"strings"
	"testing"
	"time"
)

// TestLoad keeps the measurement fit to be run: a second of it, on a database made for it.
func TestLoad(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	err := run(t.Context(), settings{
		people: 30, rate: 40, during: time.Second, warm: time.Second, clients: 4, intakes: []intake{webhook, polling}, seed: 7, log: t.Output(),
	}, &table)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(table.String()) {
		for _, none := range []string{"without an answer", "other answers"} {
			if cells := strings.Split(line, "|"); len(cells) > 2 && strings.TrimSpace(cells[1]) == none {
				for _, cell := range cells[2 : len(cells)-1] {
					if strings.TrimSpace(cell) != "0" {
						t.Errorf("%s: %s", none, cell)
					}
				}
			}
		}
	}
	t.Log("\n" + table.String())
}
