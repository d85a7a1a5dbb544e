package bot_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vetalyze/db"
	"vetalyze/internal/registry"
)

// TestExportFile takes a clinic's data out and reads the file as a spreadsheet does.
func TestExportFile(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	huda := s.member(t, "عيادة الرفق")
	owners := registry.New(s.db, s.clock)
	_, err := owners.Register(t.Context(), huda, registry.Registration{
		Key: db.NewKey(), Name: "أحمد علي", Phone: "+201001234567", SecondPhone: "+201007654321", ChannelID: 1,
		Pets: []registry.NewPet{
			{Name: "=HYPERLINK(\"http://evil\",\"لولو\")", SpeciesID: 2, Birth: registry.Birth{
				Date: time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), Precision: registry.PrecisionDay,
			}},
			{Name: "ركس", SpeciesID: 1},
		},
	})
	must(t, err)
	files := s.export(t, "هدى")
	if len(files) != 1 {
		t.Fatalf("%d files", len(files))
	}
	want := [][][]string{
		{
			{"الكود", "الاسم", "الهاتف", "هاتف ثانٍ", "عرفنا من", "ملاحظة", "تاريخ التسجيل", "سجّله"},
			{"4PBKHH6", "أحمد علي", "+201001234567", "+201007654321", "صديق أو قريب", "2026-03-01", "هدى"},
		},
		{
			{
				"الكود", "الاسم", "كود المالك", "المالك", "هاتف المالك", "النوع", "تاريخ الميلاد (~ محسوب من العمر)", "الجنس", "التعقيم",
				"السلالة", "اللون", "الشريحة", "الوزن (كجم)", "الرحيل", "تنبيه", "ملاحظة", "تاريخ التسجيل", "سجّله",
			},
			{"K2BSTGZ", "=HYPERLINK(\"http://evil\",\"لولو\")", "4PBKHH6", "أحمد علي", "+201001234567", "قطة", "2024-02-29", "2026-03-01", "هدى"},
			{"8JZPFR7", "ركس", "4PBKHH6", "أحمد علي", "+201001234567", "كلب", "2026-03-01", "هدى"},
		},
	}
	if diff := cmp.Diff(want, readFile(t, files[0])); diff != "" {
		t.Errorf("what stands in the file (-want +got):\n%s", diff)
	}
}

// TestExportOfMany takes out more than a page of owners; with EXPORT_OWNERS more than a file's, and watches the memory.
func TestExportOfMany(t *testing.T) {
	many := 1203
	if wanted := os.Getenv("EXPORT_OWNERS"); wanted != "" {
		var err error
		many, err = strconv.Atoi(wanted)
		must(t, err)
	} else {
		t.Parallel()
	}
	s := newStage(t)
	for _, sql := range []string{
		`INSERT INTO owners (clinic_id, full_name, phone)
		 SELECT app_clinic(), 'Owner ' || n, '+2010' || (10000000 + n) FROM generate_series(1, ` + fmt.Sprint(many) + `) AS n`,
		`INSERT INTO pets (clinic_id, owner_id, name, species_id, note)
		 SELECT clinic_id, owner_id, 'Rex ' || n, 1, repeat('comes at noon ', 5) FROM owners CROSS JOIN generate_series(1, 2) AS n`,
	} {
		_, err := s.member(t, "Happy Paws").Scope(s.db).Exec(t.Context(), sql)
		must(t, err)
	}
	most, began := watchHeap(t), time.Now()
	files := s.export(t, "Mona")
	t.Logf("%d owners in %d files in %s, at most %d MiB in use", many, len(files), time.Since(began), most()>>20)
	owners, pets := 0, 0
	for _, file := range files {
		sheets := readFile(t, file)
		t.Logf("%d KiB", len(file)>>10)
		owners, pets = owners+len(sheets[0])-1, pets+len(sheets[1])-1
	}
	if owners != many || pets != 2*many {
		t.Errorf("%d owners and %d pets, want %d and %d", owners, pets, many, 2*many)
	}
}

// watchHeap looks at the memory in use until it is asked for the most.
func watchHeap(t *testing.T) (most func() uint64) {
	t.Helper()
	stop, done := make(chan struct{}), make(chan uint64)
	go func() {
		var memory runtime.MemStats
		var seen uint64
		for ticker := time.NewTicker(20 * time.Millisecond); ; {
			runtime.ReadMemStats(&memory)
			seen = max(seen, memory.HeapInuse)
			select {
			case <-ticker.C:
			case <-stop:
				ticker.Stop()
				done <- seen
				return
			}
		}
	}()
	return func() uint64 { close(stop); return <-done }
}

// export has somebody take the data out and returns the files that come.
func (s *stage) export(t *testing.T, who string) (files [][]byte) {
	t.Helper()
	person := s.person(t, who)
	person.Send("/export")
	s.settle(t)
	for _, message := range person.Chat() {
		if message.Document != nil {
			data, _, ok := s.sim.File(message.Document.FileID)
			if !ok {
				t.Fatal("the file is not there")
			}
			files = append(files, data)
		}
	}
	return files
}

// readFile returns a file's sheets, their rows, their cells.
func readFile(t *testing.T, file []byte) [][][]string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	must(t, err)
	return [][][]string{readSheet(t, archive, 1), readSheet(t, archive, 2)}
}

func readSheet(t *testing.T, archive *zip.Reader, number int) (rows [][]string) {
	t.Helper()
	file, err := archive.Open(fmt.Sprintf("xl/worksheets/sheet%d.xml", number))
	must(t, err)
	defer file.Close()
	var sheet struct {
		Rows []struct {
			Cells []struct {
				Text  string `xml:"is>t"`
				Value string `xml:"v"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
	}
	must(t, xml.NewDecoder(file).Decode(&sheet))
	for _, row := range sheet.Rows {
		var cells []string
		for _, cell := range row.Cells {
			cells = append(cells, cell.Text+cell.Value)
		}
		rows = append(rows, cells)
	}
	return rows
}
