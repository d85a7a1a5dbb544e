package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// TestClinicsPageByPage pages through a list of clinics with names as long as can be: each clinic is there once, in
// order, and Telegram takes every page.
func TestClinicsPageByPage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	nadia := s.person(t, "Nadia")
	admin, err := s.staff.Find(t.Context(), nadia.ID, "en")
	must(t, err)
	want := []string{"Happy Paws", "عيادة الرفق"}
	for i := range 20 {
		name := fmt.Sprintf("Clinic %02d %s", i, strings.Repeat("ع", 240))
		want = append(want, name)
		_, err := s.staff.CreateClinic(t.Context(), admin, staff.NewClinic{
			Key: db.NewKey(), Country: "EG", Name: name, OwnerName: strings.Repeat("م", 255), OwnerPhone: fmt.Sprintf("+2010011100%02d", i+10),
		})
		must(t, err)
	}
	slices.Sort(want)
	nadia.Send("/clinics")
	s.settle(t)
	var got []string
	for range 10 {
		last, _ := nadia.Last()
		more := false
		for _, row := range last.InlineKeyboard {
			for _, b := range row {
				more = more || b.Text == "Next ›"
				if strings.HasPrefix(b.Data, "clinics:card:") {
					got = append(got, strings.TrimSuffix(plain(b.Text), "…"))
				}
			}
		}
		if !more {
			break
		}
		must(t, nadia.Tap("Next ›"))
		s.settle(t)
	}
	if len(got) != len(want) {
		t.Fatalf("%d clinics are listed, want %d", len(got), len(want))
	}
	for i := range want {
		if !strings.HasPrefix(want[i], got[i]) {
			t.Errorf("%d. is %s, want %s", i+1, got[i], want[i])
		}
	}
}
