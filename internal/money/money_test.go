package money_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"vetalyze/internal/money"
)

var (
	pound = money.Currency{Code: "EGP", Exponent: 2}
	dinar = money.Currency{Code: "KWD", Exponent: 3}
	yen   = money.Currency{Code: "JPY", Exponent: 0}
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed    string
		currency money.Currency
		want     int64
		refused  error
	}{
		{"500", pound, 50000, nil},
		{" 0 ", pound, 0, nil},
		{"0500", pound, 50000, nil},
		{"500.5", pound, 50050, nil},
		{"500,50", pound, 50050, nil},
		{"1,500", pound, 150000, nil},
		{"1 500", pound, 150000, nil},
		{"1\u00a0500,5", pound, 150050, nil},
		{"1,500.75", pound, 150075, nil},
		{"1.500,75", pound, 150075, nil},
		{"1,500,000", pound, 150000000, nil},
		{"1.500.000", pound, 150000000, nil},
		{"٥٠٠", pound, 50000, nil},
		{"۱۵۰۰", pound, 150000, nil},
		{"١٬٥٠٠٫٥٠", pound, 150050, nil},
		{"١،٥٠٠", pound, 150000, nil},
		{"١٢٫٥٠٠", dinar, 12500, nil},
		{"５００", pound, 50000, nil},
		{"500 EGP", pound, 50000, nil},
		{"egp500", pound, 50000, nil},
		{"500.00", pound, 50000, nil},
		{"500.000", dinar, 500000, nil},
		{"0.500", pound, 50, nil}, // no thousands begin with zero
		{"1.250", dinar, 1250, nil},
		{"1500", yen, 1500, nil},
		{"1,500", yen, 1500, nil},

		{"", pound, 0, money.ErrEmpty},
		{" \u200f", pound, 0, money.ErrEmpty},
		{"EGP", pound, 0, money.ErrEmpty},
		{"-500", pound, 0, money.ErrNegative},
		{"٥٠٠-", pound, 0, money.ErrNegative},
		{"−1", pound, 0, money.ErrNegative},
		{"-x", pound, 0, money.ErrNotNumber},
		{"1e9", pound, 0, money.ErrNotNumber},
		{"0x10", pound, 0, money.ErrNotNumber},
		{"five hundred", pound, 0, money.ErrNotNumber},
		{"500 USD", pound, 0, money.ErrNotNumber},
		{"5'000", pound, 0, money.ErrNotNumber},
		{"15,00,000", pound, 0, money.ErrNotNumber},
		{"1,50,", pound, 0, money.ErrNotNumber},
		{".", pound, 0, money.ErrNotNumber},
		{".5", pound, 0, money.ErrNotNumber},
		{"5.", pound, 0, money.ErrNotNumber},
		{"1.2.3", pound, 0, money.ErrNotNumber},
		{"50 0", pound, 0, money.ErrNotNumber},
		{"NaN", pound, 0, money.ErrNotNumber},
		{"1.500", pound, 0, money.ErrAmbiguous},
		{"1,500", dinar, 0, money.ErrAmbiguous},
		{"1.505,125", pound, 0, money.ErrTooPrecise},
		{"0.005", pound, 0, money.ErrTooPrecise},
		{"1.5", yen, 0, money.ErrTooPrecise},
		{"99999999999999999999", pound, 0, money.ErrTooLarge},
		{"10000000000.01", pound, 0, money.ErrTooLarge},
		{"10000000000", pound, money.Max, nil},
	} {
		got, err := money.Parse(c.typed, c.currency)
		if got != c.want || !errors.Is(err, c.refused) {
			t.Errorf("%q in %s: %d, %v; want %d, %v", c.typed, c.currency.Code, got, err, c.want, c.refused)
		}
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		minor    int64
		currency money.Currency
		want     string
	}{
		{0, pound, "0 EGP"},
		{5, pound, "0.05 EGP"},
		{50000, pound, "500 EGP"},
		{150050, pound, "1,500.50 EGP"},
		{-150000000, pound, "-1,500,000 EGP"},
		{12500, dinar, "12.500 KWD"},
		{1500, yen, "1,500 JPY"},
	} {
		if got := money.Format(c.minor, c.currency); got != c.want {
			t.Errorf("%d: %q, want %q", c.minor, got, c.want)
		}
	}
}

// What is written is read again as the same amount; a dinar's comma apart, which is refused, never misread.
func TestFormatParses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		currency := rapid.SampledFrom([]money.Currency{pound, dinar, yen}).Draw(r, "currency")
		minor := rapid.Int64Range(0, money.Max).Draw(r, "minor")
		got, err := money.Parse(money.Format(minor, currency), currency)
		if errors.Is(err, money.ErrAmbiguous) && currency == dinar {
			return
		}
		if err != nil || got != minor {
			r.Fatalf("%q is %d, %v", money.Format(minor, currency), got, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"500", "-500", "1,500", "1.500,75", "١٬٥٠٠٫٥٠", "1e9", "500 EGP", "۵۰۰-", "1 500", "", ".", "--", "\xff", "٫٫",
	} {
		f.Add(seed, 2)
	}
	f.Fuzz(func(t *testing.T, typed string, exponent int) {
		if exponent < 0 || exponent > 4 {
			return
		}
		currency := money.Currency{Code: "EGP", Exponent: exponent}
		minor, err := money.Parse(typed, currency)
		if err != nil {
			if minor != 0 {
				t.Errorf("%q is refused and worth %d", typed, minor)
			}
			return
		}
		if minor < 0 || minor > money.Max {
			t.Errorf("%q is %d", typed, minor)
		}
		again, err := money.Parse(money.Digits(minor, exponent), currency)
		if err == nil && again != minor {
			t.Errorf("%q is %d, written %q it is %d", typed, minor, money.Digits(minor, exponent), again)
		}
	})
}
