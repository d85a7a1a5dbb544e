package report

import (
	"fmt"
	"time"

	"github.com/go-analyze/charts"

	"vetalyze/internal/money"
)

// The picture's size, in pixels: a phone shows it as wide as the chat.
const (
	pictureWidth  = 960
	pictureHeight = 540
)

// The colours of the bars, in the order of their rows. The caption names them with the squares of Squares.
var barColours = []charts.Color{
	{R: 0x2f, G: 0x80, B: 0xed, A: 0xff}, // 🟦
	{R: 0xf2, G: 0x99, B: 0x4a, A: 0xff}, // 🟧
	{R: 0x27, G: 0xae, B: 0x60, A: 0xff}, // 🟩
}

// Squares are the colours of a picture's rows, as a caption can show them.
var Squares = []string{"🟦", "🟧", "🟩"}

// A Picture is a row of bars for every month, side by side. It has numbers and no words: those stand in the caption, in
// the reader's language, as no chart library shapes Arabic.
type Picture struct {
	Months []time.Time
	Rows   [][]float64 // of each, a value for every month
}

// PNG draws the picture.
func (p Picture) PNG() ([]byte, error) {
	painter := charts.NewPainter(charts.PainterOptions{
		OutputFormat: charts.ChartOutputPNG, Width: pictureWidth, Height: pictureHeight,
	})
	if err := painter.BarChart(p.bars()); err != nil {
		return nil, fmt.Errorf("draw a report: %w", err)
	}
	png, err := painter.Bytes()
	if err != nil {
		return nil, fmt.Errorf("draw a report: %w", err)
	}
	return png, nil
}

func (p Picture) bars() charts.BarChartOption {
	bars := charts.NewBarChartOptionWithData(p.Rows)
	bars.Theme = charts.GetTheme(charts.ThemeLight).WithSeriesColors(barColours)
	bars.Padding = charts.NewBoxEqual(28)
	bars.Legend.Show = charts.Ptr(false)
	bars.CategoryAxis.LabelFontStyle.FontSize = 18
	for i, month := range p.Months {
		label := month.Format("01")
		if i == 0 || month.Month() == time.January {
			label = month.Format("01/06")
		}
		bars.CategoryAxis.Labels = append(bars.CategoryAxis.Labels, label)
	}
	bars.CategoryAxis.LabelCount = len(p.Months)
	axis := &bars.ValueAxis[0]
	axis.LabelFontStyle.FontSize = 18
	axis.Min = charts.Ptr(0.0)
	axis.ValueFormatter = func(value float64) string { return money.Digits(int64(value*100), 2) }
	return bars
}
