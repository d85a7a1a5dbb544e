package workbook_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vetalyze/internal/workbook"
)

var book = workbook.Book{Sheets: []workbook.Sheet{
	{Name: "Owners & more", Columns: []workbook.Column{
		{Title: "Name", Width: 30}, {Title: "Phone", Width: 16, Kind: workbook.Label}, {Title: "Weight", Kind: workbook.Number},
	}},
	{Name: "حيوانات", Columns: []workbook.Column{{Title: "الاسم"}}},
}}

func write(t *testing.T, b workbook.Book, sheets ...[][]string) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := workbook.New(&file, b)
	must(t, err)
	for _, rows := range sheets {
		must(t, w.Next())
		for _, row := range rows {
			must(t, w.Row(row...))
		}
	}
	must(t, w.Close())
	return file.Bytes()
}

// A cell as it stands in a sheet's file.
type cell struct {
	Place   string  `xml:"r,attr"`
	Type    string  `xml:"t,attr"`
	Style   int     `xml:"s,attr"`
	Text    string  `xml:"is>t"`
	Value   string  `xml:"v"`
	Formula *string `xml:"f"`
}

type sheet struct {
	Views []struct {
		RightToLeft bool `xml:"rightToLeft,attr"`
	} `xml:"sheetViews>sheetView"`
	Rows []struct {
		Cells []cell `xml:"c"`
	} `xml:"sheetData>row"`
}

// read takes a workbook apart as a spreadsheet does: every part that the package names must be there and be XML.
func read(t *testing.T, file []byte, number int) sheet {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	must(t, err)
	parts := map[string][]byte{}
	for _, entry := range archive.File {
		r, err := entry.Open()
		must(t, err)
		content, err := io.ReadAll(r)
		must(t, err)
		for d := xml.NewDecoder(bytes.NewReader(content)); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", entry.Name, err)
			}
		}
		parts["/"+entry.Name] = content
	}
	var types struct {
		Overrides []struct {
			PartName string `xml:",attr"`
		} `xml:"Override"`
	}
	must(t, xml.Unmarshal(parts["/[Content_Types].xml"], &types))
	var relations struct {
		Relationship []struct {
			Target string `xml:",attr"`
		}
	}
	must(t, xml.Unmarshal(parts["/xl/_rels/workbook.xml.rels"], &relations))
	for _, override := range types.Overrides {
		if parts[override.PartName] == nil {
			t.Errorf("%s is missing", override.PartName)
		}
	}
	for _, relation := range relations.Relationship {
		if parts[path.Join("/xl", relation.Target)] == nil {
			t.Errorf("%s is missing", relation.Target)
		}
	}
	var s sheet
	must(t, xml.Unmarshal(parts[fmt.Sprintf("/xl/worksheets/sheet%d.xml", number)], &s))
	return s
}

func texts(s sheet) (rows [][]string) {
	for _, row := range s.Rows {
		var cells []string
		for _, c := range row.Cells {
			cells = append(cells, c.Text+c.Value)
		}
		rows = append(rows, cells)
	}
	return rows
}

func TestWorkbook(t *testing.T) {
	t.Parallel()
	file := write(t, book,
		[][]string{{"Ahmed <Ali> & co", "+201001234567", "4.5"}, {"=1+1", "", "heavy"}, {"أحمد\nعلي"}},
		[][]string{{" لولو "}})
	want := [][]string{{"Name", "Phone", "Weight"}, {"Ahmed <Ali> & co", "+201001234567", "4.5"}, {"=1+1", "heavy"}, {"أحمد\nعلي"}}
	if diff := cmp.Diff(want, texts(read(t, file, 1))); diff != "" {
		t.Errorf("the first sheet (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]string{{"الاسم"}, {" لولو "}}, texts(read(t, file, 2))); diff != "" {
		t.Errorf("the second sheet (-want +got):\n%s", diff)
	}
	number := read(t, file, 1).Rows[1].Cells[2]
	if diff := cmp.Diff(cell{Place: "C2", Value: "4.5"}, number); diff != "" {
		t.Errorf("a number (-want +got):\n%s", diff)
	}
}

func TestRightToLeft(t *testing.T) {
	t.Parallel()
	for _, want := range []bool{true, false} {
		b := book
		b.RightToLeft = want
		for number := 1; number <= 2; number++ {
			if got := read(t, write(t, b, nil, nil), number).Views[0].RightToLeft; got != want {
				t.Errorf("sheet %d: %v, want %v", number, got, want)
			}
		}
	}
}

// What anybody typed is a text and comes out as it went in, whatever it begins with.
func TestNothingTypedIsAFormula(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		typed := rapid.OneOf(
			rapid.StringMatching(`[=+\-@\t|%'"][A-Za-z0-9()!'",;:/\\ ]{0,30}`),
			rapid.SampledFrom([]string{"=HYPERLINK(\"http://evil\")", "@SUM(1)", "+1", "-1", "NaN", "Inf", "0x1p4", "1e9", "1_000", "]]>", "&lt;"}),
			rapid.StringOf(rapid.RuneFrom([]rune("aب<>&\"'\u200f\u2066\n\t😀٣"))),
		).Draw(r, "typed")
		for i, kind := range []workbook.Kind{workbook.Text, workbook.Label, workbook.Number} {
			b := workbook.Book{Sheets: []workbook.Sheet{{Name: "s", Columns: []workbook.Column{{Title: "t", Kind: kind}}}}}
			cells := read(t, write(t, b, [][]string{{typed}}), 1).Rows[1].Cells
			if typed == "" {
				continue
			}
			got := cells[0]
			if got.Formula != nil || got.Text+got.Value != typed {
				r.Fatalf("kind %d: %q came out as %+v", i, typed, got)
			}
			if kind != workbook.Number && got.Type != "inlineStr" {
				r.Fatalf("kind %d: %q is no text: %+v", i, typed, got)
			}
			if got.Value != "" && strings.Trim(got.Value, "-.0123456789") != "" {
				r.Fatalf("%q is no number", got.Value)
			}
		}
	})
}

// A spreadsheet reads _x0041_ in a cell as an A, and _x005F_ as an underscore.
func TestCodesAreTextsAsWell(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"_x0041_":       "_x005F_x0041_",
		"_x0041_x004a_": "_x005F_x0041_x005F_x004a_",
		"_x005F_":       "_x005F_x005F_",
		"_xray_":        "_xray_",
	} {
		if got := texts(read(t, write(t, book, [][]string{{typed}}, nil), 1))[1][0]; got != want {
			t.Errorf("%q is written %q, want %q", typed, got, want)
		}
	}
}

func TestMisuseIsRefused(t *testing.T) {
	t.Parallel()
	for name, misuse := range map[string]func(w *workbook.Writer) error{
		"a row before a sheet": func(w *workbook.Writer) error { return w.Row("x") },
		"too many cells":       func(w *workbook.Writer) error { _ = w.Next(); return w.Row("1", "2", "3", "4") },
		"a sheet too many":     func(w *workbook.Writer) error { _, _ = w.Next(), w.Next(); return w.Next() },
		"a sheet too few":      func(w *workbook.Writer) error { _ = w.Next(); return w.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, err := workbook.New(io.Discard, book)
			must(t, err)
			if misuse(w) == nil {
				t.Error("nothing was wrong with it")
			}
		})
	}
}

// Rows are not kept: what a hundred thousand of them leave behind is as little as what a few do.
func TestRowsAreNotHeld(t *testing.T) {
	held := func(rows int) uint64 {
		w, err := workbook.New(io.Discard, book)
		must(t, err)
		must(t, w.Next())
		for i := range rows {
			must(t, w.Row("Ahmed Ali", fmt.Sprint("+2010", i), "4.5"))
		}
		runtime.GC()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		must(t, w.Next())
		must(t, w.Close())
		return memory.HeapAlloc
	}
	few, many := held(10), held(100_000)
	if many > few+4<<20 {
		t.Errorf("100,000 rows hold %d KiB more than 10", (many-few)>>10)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
