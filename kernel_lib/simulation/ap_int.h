// ap_int / ap_uint for simulation with a plain C++17 compiler: the subset that inrarch's kernels use.
//
// Same names and same result widths as the vendor's header (Vitis HLS user guide, "Arbitrary precision integers"):
//   a + b            max(Wa, Wb) + 1 bits; signed if either is (an unsigned operand next to a signed one counts one
//                    bit more)
//   a - b            as a + b, always signed
//   a * b            Wa + Wb bits
//   a & b, |, ^      max(Wa, Wb) bits
//   -a               W + 1 bits, signed
//   a << n, a >> n   the type of a: bits shifted out are lost; >> of a signed number keeps the sign
//   assignment       wraps to the width of the target (keeps the low bits)
//   a < b, ...       by value (the vendor's header compares a signed with an unsigned number as C does: kernels never
//                    do)
// At most 128 bits; a number lives in the smallest of 32, 64, 128 bits that holds it, always in canonical
// (sign-extended) form. Unlike the vendor's, a number without initialiser is zero.
#ifndef INRARCH_SIMULATION_AP_INT_H
#define INRARCH_SIMULATION_AP_INT_H

#include <cstdint>
#include <limits>
#include <ostream>
#include <type_traits>

template <int W, bool S> struct ap_int_base;
template <int W> using ap_int = ap_int_base<W, true>;
template <int W> using ap_uint = ap_int_base<W, false>;

namespace inrarch_simulation {

template <int W, bool S> struct word {
    static_assert(W >= 1 && W <= 128, "ap_int of 1 to 128 bits");
    using type = std::conditional_t<
        (W <= 32), std::conditional_t<S, std::int32_t, std::uint32_t>,
        std::conditional_t<(W <= 64), std::conditional_t<S, std::int64_t, std::uint64_t>,
                           std::conditional_t<S, __int128, unsigned __int128>>>;
};

constexpr int larger(int a, int b) { return a > b ? a : b; }

// Result types of two operands.
template <int W1, bool S1, int W2, bool S2> struct pair {
    static constexpr bool is_signed = S1 || S2;
    static constexpr int common = larger(W1 + (S2 && !S1), W2 + (S1 && !S2));
    using sum = ap_int_base<common + 1, is_signed>;
    using difference = ap_int_base<common + 1, true>;
    using product = ap_int_base<W1 + W2, is_signed>;
    using logic = ap_int_base<common, is_signed>;
};

// The ap_int that stands for a C++ integer next to another ap_int.
template <class T> constexpr int bits_of = std::is_same_v<T, bool> ? 1 : int(8 * sizeof(T));
template <class T> using integer = ap_int_base<bits_of<T>, std::is_signed_v<T>>;

}  // namespace inrarch_simulation

template <int W, bool S> struct ap_int_base {
    using word = typename inrarch_simulation::word<W, S>::type;
    static constexpr int width = W;
    word bits;

    constexpr ap_int_base() : bits(0) {}
    template <class T, class = std::enable_if_t<std::is_integral_v<T>>>
    constexpr ap_int_base(T x)
        : bits(fits<inrarch_simulation::bits_of<T>, std::is_signed_v<T>>() ? word(x) : wrap(x)) {}
    template <int W2, bool S2>
    constexpr ap_int_base(const ap_int_base<W2, S2>& x) : bits(fits<W2, S2>() ? word(x.bits) : wrap(x.bits)) {}

    constexpr int to_int() const { return int(bits); }
    constexpr long long to_int64() const { return static_cast<long long>(bits); }
    template <class T, class = std::enable_if_t<std::is_arithmetic_v<T>>>
    explicit constexpr operator T() const { return static_cast<T>(bits); }

    template <class B> constexpr ap_int_base& operator+=(const B& b) { return *this = *this + b; }
    template <class B> constexpr ap_int_base& operator-=(const B& b) { return *this = *this - b; }
    constexpr ap_int_base& operator++() { return *this = *this + 1; }
    constexpr ap_int_base<W + 1, true> operator-() const { return raw<W + 1, true>(-wide<W + 1>(bits)); }
    constexpr ap_int_base operator~() const { return ap_int_base(~bits); }
    constexpr ap_int_base operator<<(int n) const {
        return n >= W ? ap_int_base() : from(wrap(unsigned_word(bits) << n));
    }
    constexpr ap_int_base operator>>(int n) const {
        return from(n >= W ? (bits < 0 ? word(-1) : word(0)) : word(bits >> n));
    }

    // A value that is known to be canonical already.
    static constexpr ap_int_base from(word canonical) {
        ap_int_base x;
        x.bits = canonical;
        return x;
    }

private:
    using unsigned_word = typename inrarch_simulation::word<W, false>::type;
    static constexpr int spare = int(8 * sizeof(word)) - W;

    template <int W2, bool S2> static constexpr bool fits() { return S == S2 ? W2 <= W : (S && W2 < W); }
    template <int W2> static constexpr auto wide(word x) {
        return typename inrarch_simulation::word<W2, true>::type(x);
    }
    template <int W2, bool S2> static constexpr ap_int_base<W2, S2> raw(typename ap_int_base<W2, S2>::word x) {
        return ap_int_base<W2, S2>::from(x);
    }
    template <class T> static constexpr word wrap(T x) {
        return word(word(unsigned_word(x) << spare) >> spare);
    }
};

#define INRARCH_AP_MIXED(OPERATOR)                                                                          \
    template <int W, bool S, class T, class = std::enable_if_t<std::is_integral_v<T>>>                      \
    constexpr auto operator OPERATOR(const ap_int_base<W, S>& a, T b) {                                     \
        return a OPERATOR inrarch_simulation::integer<T>(b);                                                \
    }                                                                                                       \
    template <int W, bool S, class T, class = std::enable_if_t<std::is_integral_v<T>>>                      \
    constexpr auto operator OPERATOR(T a, const ap_int_base<W, S>& b) {                                     \
        return inrarch_simulation::integer<T>(a) OPERATOR b;                                                \
    }

#define INRARCH_AP_BINARY(OPERATOR, RESULT)                                                                 \
    template <int W1, bool S1, int W2, bool S2>                                                             \
    constexpr auto operator OPERATOR(const ap_int_base<W1, S1>& a, const ap_int_base<W2, S2>& b) {          \
        using result = typename inrarch_simulation::pair<W1, S1, W2, S2>::RESULT;                           \
        using word = typename result::word;                                                                 \
        return result::from(word(word(a.bits) OPERATOR word(b.bits)));                                      \
    }                                                                                                       \
    INRARCH_AP_MIXED(OPERATOR)

#define INRARCH_AP_COMPARE(OPERATOR)                                                                        \
    template <int W1, bool S1, int W2, bool S2>                                                             \
    constexpr bool operator OPERATOR(const ap_int_base<W1, S1>& a, const ap_int_base<W2, S2>& b) {          \
        using word = typename inrarch_simulation::pair<W1, S1, W2, S2>::logic::word;                        \
        return word(a.bits) OPERATOR word(b.bits);                                                          \
    }                                                                                                       \
    INRARCH_AP_MIXED(OPERATOR)

INRARCH_AP_BINARY(+, sum)
INRARCH_AP_BINARY(-, difference)
INRARCH_AP_BINARY(*, product)
INRARCH_AP_BINARY(&, logic)
INRARCH_AP_BINARY(|, logic)
INRARCH_AP_BINARY(^, logic)
INRARCH_AP_COMPARE(==)
INRARCH_AP_COMPARE(!=)
INRARCH_AP_COMPARE(<)
INRARCH_AP_COMPARE(<=)
INRARCH_AP_COMPARE(>)
INRARCH_AP_COMPARE(>=)
#undef INRARCH_AP_MIXED
#undef INRARCH_AP_BINARY
#undef INRARCH_AP_COMPARE

template <int W, bool S> std::ostream& operator<<(std::ostream& stream, const ap_int_base<W, S>& x) {
    static_assert(W <= 64, "printing of at most 64 bits");
    return stream << x.to_int64();
}

#endif
