package admin

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"vetalyze/bot/chat"
)

// Every block is on one page, in its order, under its head, and no page is longer than a message may be.
func TestPagesOfHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		var blocks []block
		var want []string
		for i, size := range rapid.SliceOfN(rapid.IntRange(0, 1200), 0, 40).Draw(r, "sizes") {
			mark := fmt.Sprintf("<%d>", i)
			want = append(want, mark)
			blocks = append(blocks, block{
				head: chat.HTML(fmt.Sprintf("term %d", i/rapid.IntRange(1, 5).Draw(r, "events"))),
				text: chat.HTML(mark + strings.Repeat("ع", size)),
			})
		}
		var got []string
		_, last := pageOf(blocks, 0)
		for page := range last + 1 {
			text, _ := pageOf(blocks, page)
			if length := utf8.RuneCountInString(string(text)); length > longPage+200 {
				r.Fatalf("page %d has %d characters", page, length)
			}
			if text != "" && !strings.HasPrefix(string(text), "term ") {
				r.Fatalf("page %d begins with %.20s", page, text)
			}
			for _, line := range strings.Split(string(text), "\n") {
				if mark, _, ok := strings.Cut(line, ">"); ok {
					got = append(got, mark+">")
				}
			}
		}
		if strings.Join(got, "") != strings.Join(want, "") {
			r.Fatalf("%v, want %v", got, want)
		}
	})
}
