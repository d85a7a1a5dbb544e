package report_test

import (
	"bytes"
	"image/png"
	"testing"
	"time"

	"vetalyze/internal/report"
)

func TestPicture(t *testing.T) {
	t.Parallel()
	first := time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC)
	var months []time.Time
	for i := range 12 {
		months = append(months, first.AddDate(0, i, 0))
	}
	for name, rows := range map[string][][]float64{
		"nothing":   {make([]float64, 12), make([]float64, 12)},
		"a few":     {{0, 1, 0, 0, 2, 0, 0, 0, 0, 1, 3, 1}, {0, 1, 0, 0, 3, 0, 0, 0, 0, 2, 4, 1}},
		"many":      {{120, 132, 101, 134, 90, 230, 210, 182, 191, 234, 290, 330}, {220, 182, 191, 234, 290, 330, 310, 123, 442, 321, 90, 149}},
		"money":     {{1500, 0, 0, 1500, 0, 0, 500, 0, 0, 18000.5, 0, 0}, {0, 0, 0, 0, 0, 0, 1500, 0, 0, 0, 0, 0}},
		"very much": {{1.5e9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			drawn, err := report.Picture{Months: months, Rows: rows}.PNG()
			if err != nil {
				t.Fatal(err)
			}
			config, err := png.DecodeConfig(bytes.NewReader(drawn))
			if err != nil || config.Width != 960 || config.Height != 540 {
				t.Errorf("the picture is %d x %d, %v", config.Width, config.Height, err)
			}
		})
	}
}
