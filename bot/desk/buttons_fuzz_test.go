package desk

import (
	"strconv"
	"testing"

	"vetalyze/bot/chat"
	"vetalyze/internal/registry"
)

// FuzzButtons reads what a hostile client sends as a button's data: what is understood is written the same again, and fits
// into another button.
func FuzzButtons(f *testing.F) {
	for _, seed := range []string{
		"", "n2.1c", "p2.1c", "o1c.20", "n1d.21", "n2", "n2.", "p9.zzzzzzzzzzzz", "n-7.1", "n128.1", "o1.-5", "oz.999999", "n1y2p0ij32e8e7.2147483647",
		"pet:7:weight", "owner:7", "::", "pet", "owner:9223372036854775808:", "n+1.+1", "n01.01",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const most = 9223372036854775807
		mark := parseMark(text)
		if again := parseMark(formatMark(mark)); again != mark {
			t.Errorf("%q is the page %+v, written and read again %+v", text, mark, again)
		}
		place := parseListMark(text)
		if again := parseListMark(formatListMark(place)); again != place {
			t.Errorf("%q is the place %+v, written and read again %+v", text, place, again)
		}
		for _, data := range []string{
			chat.Data(routeHit, decimal(most), strconv.Itoa(1<<31-1), formatMark(mark)), chat.Data(routeListed, decimal(most), formatListMark(place)),
		} {
			if len(data) > 64 {
				t.Errorf("%q makes a button's data of %d bytes: %s", text, len(data), data)
			}
		}
		kind, id, rest := splitCard(text)
		if kind != cardOfPet && kind != cardOfOwner {
			t.Errorf("%q is of a %q", text, kind)
		}
		if k, i, r := splitCard(chat.Data(kind, id, rest)); k != kind || i != id || r != rest {
			t.Errorf("%q is %q %q %q, written and read again %q %q %q", text, kind, id, rest, k, i, r)
		}
		if mark == (registry.Mark{}) != (formatMark(mark) == "") {
			t.Errorf("%q: the first page is %q", text, formatMark(mark))
		}
	})
}
