/* SPDX-License-Identifier: Apache-2.0 */
/* Vocabulary of the static assertions that AbiProbe writes. Kind and size count, signedness does not: Java has none. */
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

enum kind { NONE, POINTER, INTEGER, FLOATING, STRUCT };

template <class T> constexpr kind kind_of =
    std::is_void_v<T> ? NONE
    : std::is_pointer_v<T> ? POINTER
    : std::is_floating_point_v<T> ? FLOATING
    : std::is_class_v<T> ? STRUCT
    : INTEGER;

/* A type as Java sees it. */
template <kind K, std::size_t Size> struct type {};
using nothing = type<NONE, 0>;

template <class T, class Expected> constexpr bool same = false;
template <class T, kind K, std::size_t Size>
constexpr bool same<T, type<K, Size>> = kind_of<T> == K && sizeof(T) == Size;
template <> constexpr bool same<void, nothing> = true;

/* Array fields are compared by element; their whole size is asserted separately. */
template <class T, class Expected> constexpr bool same_element = same<std::remove_all_extents_t<T>, Expected>;

template <class... T> struct types {};
template <class Actual, class Expected, class = void> constexpr bool all_same = false;
template <class... T, class... E>
constexpr bool all_same<types<T...>, types<E...>, std::enable_if_t<sizeof...(T) == sizeof...(E)>> = (same<T, E> && ...);

/* Function types: result first, then the parameters. glibc declares its functions noexcept for C++. */
template <class F, class... E> constexpr bool function = false;
template <class R, class... A, class... E>
constexpr bool function<R(A...), E...> = all_same<types<R, A...>, types<E...>>;
template <class R, class... A, class... E>
constexpr bool function<R(A...) noexcept, E...> = all_same<types<R, A...>, types<E...>>;

template <class F, class... E> constexpr bool variadic_function = false;
template <class R, class... A, class... E>
constexpr bool variadic_function<R(A..., ...), E...> = all_same<types<R, A...>, types<E...>>;
template <class R, class... A, class... E>
constexpr bool variadic_function<R(A..., ...) noexcept, E...> = all_same<types<R, A...>, types<E...>>;

/* How many values braces around a T take: one per field, one per element of an array field. */
struct any {
    template <class T> constexpr operator T() const;
};
template <class T, class Indices, class = void> constexpr bool takes = false;
template <class T, std::size_t... I>
constexpr bool takes<T, std::index_sequence<I...>, std::void_t<decltype(T{(void(I), any{})...})>> = true;
template <class T, std::size_t N>
constexpr bool fields = takes<T, std::make_index_sequence<N>> && !takes<T, std::make_index_sequence<N + 1>>;
