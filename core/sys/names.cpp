#include "sys/names.hpp"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>

#include "base/allocation.hpp"

namespace boucle {
namespace {

void append(std::string &key, const std::optional<std::string> &part) {
  key += part ? '+' : '-';
  if (part) key += *part;
  key += '\0';
}

bool is_number(const std::string &text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

const sockaddr *sockaddr_of(const SocketAddress &address) noexcept {
  return reinterpret_cast<const sockaddr *>(address.bytes);
}

const char *text_or_null(const std::optional<std::string> &text) noexcept { return text ? text->c_str() : nullptr; }

void set_code(NameAnswer &answer, int code) noexcept {
  answer.code = code;
  if (code == EAI_SYSTEM) answer.error = errno ? -errno : -EIO;
  if (code == EAI_MEMORY) answer.error = status::NO_MEMORY;
}

void ask_addresses(const NameQuestion &question, NameAnswer &ret_answer) {
  addrinfo hints{};
  hints.ai_family = question.family;
  hints.ai_socktype = question.type;
  hints.ai_flags = question.flags;
  addrinfo *first = nullptr;
  errno = 0;
  set_code(ret_answer, getaddrinfo(text_or_null(question.host), text_or_null(question.service), &hints, &first));
  if (ret_answer.code) return;
  std::unique_ptr<addrinfo, void (*)(addrinfo *)> owned(first, freeaddrinfo);
  for (addrinfo *info = first; info; info = info->ai_next) {
    SocketAddress address;
    if (copy_address({reinterpret_cast<const char *>(info->ai_addr), info->ai_addrlen}, address)) continue;
    ret_answer.found.push_back(
        {info->ai_family, info->ai_socktype, info->ai_protocol, info->ai_canonname ? info->ai_canonname : "", address});
  }
}

void ask_names(const NameQuestion &question, NameAnswer &ret_answer) {
  char host[NI_MAXHOST], service[NI_MAXSERV];
  errno = 0;
  set_code(ret_answer, getnameinfo(sockaddr_of(question.address), static_cast<socklen_t>(question.address.size), host,
                                   sizeof host, service, sizeof service, question.flags));
  if (ret_answer.code) return;
  ret_answer.host = host;
  ret_answer.service = service;
}

}  // namespace

std::string NameQuestion::key() const {
  std::string key;
  for (int number : {family, type, flags}) key += std::to_string(number) + ' ';
  append(key, host);
  append(key, service);
  return key.append(address.view());
}

bool NameQuestion::is_immediate() const noexcept {
  if (is_reverse()) {
    constexpr int kNumeric = NI_NUMERICHOST | NI_NUMERICSERV;
    return (flags & kNumeric) == kNumeric || sockaddr_of(address)->sa_family == AF_UNIX;
  }
  bool host_known = !host || (flags & AI_NUMERICHOST) || is_literal(host->c_str());
  return host_known && (!service || (flags & AI_NUMERICSERV) || is_number(*service));
}

NameAnswer ask_system(const NameQuestion &question) noexcept {
  NameAnswer answer;
  if (question.is_reverse() && sockaddr_of(question.address)->sa_family == AF_UNIX) {
    answer.code = EAI_FAMILY;  // the system would answer with the name of this host
    return answer;
  }
  if (!try_allocate([&] { question.is_reverse() ? ask_names(question, answer) : ask_addresses(question, answer); })) {
    set_code(answer, EAI_MEMORY);
  }
  return answer;
}

const char *name_error_text(int code) noexcept { return gai_strerror(code); }

}  // namespace boucle
