package registry_test

import (
	"strings"
	"testing"

	"vetalyze/internal/registry"
)

func TestParseLine(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, want string
		reason           registry.Reason
	}{
		{name: "two lines become one", text: " 12 Tahrir St.\nCairo ", want: "12 Tahrir St. Cairo"},
		{name: "overrides dropped", text: "\u202eالقاهرة", want: "القاهرة"},
		{name: "longest", text: strings.Repeat("ع", 20), want: strings.Repeat("ع", 20)},
		{name: "too long", text: strings.Repeat("ع", 21), reason: registry.ReasonTooLong},
		{name: "nothing", text: " \u200b", reason: registry.ReasonEmpty},
		{name: "broken UTF-8", text: "\xff", reason: registry.ReasonUnreadable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := registry.ParseLine(test.text, 20)
			checkParsed(t, got, test.want, err, registry.FieldText, test.reason)
		})
	}
}
