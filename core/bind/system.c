/* system.c - aot.system: folders and processes, without a shell in between. */
#include "core/bind/bind.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int refuse(lua_State *L, const char *path, int reason)
{
    lua_pushfstring(L, "%s: %s", path, strerror(reason));
    return lua_error(L);
}

/* system.make_folders(path): the folder and those above it that do not exist. */
static int make_folders(lua_State *L)
{
    const char *given = bind_check_name(L, 1, "the folder");
    size_t length = strlen(given);
    char *path = lua_newuserdatauv(L, length + 1, 0);
    memcpy(path, given, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        char kept = path[i];
        struct stat info;
        path[i] = '\0';
        if (mkdir(path, 0777) != 0) {
            int reason = errno;
            if (stat(path, &info) != 0)
                return refuse(L, path, reason);
            if (!S_ISDIR(info.st_mode))
                return refuse(L, path, ENOTDIR);
        }
        path[i] = kept;
    }
    return 0;
}

/* system.temporary_folder(): the path of a new, empty folder. */
static int temporary_folder(lua_State *L)
{
    const char *base = getenv("TMPDIR");
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/aotlua-XXXXXX",
                          base != NULL && base[0] == '/' ? base : "/tmp");
    if (length < 0 || (size_t)length >= sizeof path)
        return refuse(L, "TMPDIR", ENAMETOOLONG);
    if (mkdtemp(path) == NULL)
        return refuse(L, path, errno);
    lua_pushstring(L, path);
    return 1;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

/* system.remove(path): a file, or a folder with all that is in it. */
static int remove_tree(lua_State *L)
{
    const char *path = bind_check_name(L, 1, "the path");
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
        return refuse(L, path, errno);
    return 0;
}

/* system.kind(path): "file", "folder", "other", or nil where there is nothing. */
static int kind_of(lua_State *L)
{
    struct stat info;
    if (stat(bind_check_name(L, 1, "the path"), &info) != 0) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushstring(L, S_ISREG(info.st_mode)   ? "file"
                      : S_ISDIR(info.st_mode) ? "folder"
                                              : "other");
    return 1;
}

static int close_folder(lua_State *L)
{
    DIR **box = lua_touserdata(L, 1);
    if (*box != NULL)
        closedir(*box);
    *box = NULL;
    return 0;
}

/* Opens the folder until the calling C function returns or raises (pushes 1). */
static DIR *open_folder(lua_State *L, const char *path)
{
    DIR **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, close_folder);
    lua_setfield(L, -2, "__close");
    lua_setmetatable(L, -2);
    lua_toclose(L, -1);
    *box = opendir(path);
    if (*box == NULL)
        refuse(L, path, errno);
    return *box;
}

/* system.entries(path): the names in a folder, in no order. */
static int entries(lua_State *L)
{
    DIR *folder = open_folder(L, bind_check_name(L, 1, "the path"));
    lua_newtable(L);
    lua_Integer count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            lua_pushstring(L, entry->d_name);
            lua_rawseti(L, -2, ++count);
        }
    }
    return 1;
}

static int close_file(lua_State *L)
{
    int *file = lua_touserdata(L, 1);
    if (*file >= 0)
        (void)close(*file);
    *file = -1;
    return 0;
}

/* system.lock(folder): waits until no other process holds the folder's lock, and holds it until
 * the value is closed. Where the file system knows no locks, there is none. */
static int lock(lua_State *L)
{
    const char *path = bind_check_name(L, 1, "the folder");
    int *file = lua_newuserdatauv(L, sizeof *file, 0);
    *file = -1;
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, close_file);
    lua_setfield(L, -2, "__close");
    lua_pushcfunction(L, close_file);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    *file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*file < 0)
        return refuse(L, path, errno);
    while (flock(*file, LOCK_EX) != 0 && errno == EINTR) {
    }
    return 1;
}

/* system.same(a, b): whether two paths lead to one file or folder that exists. */
static int same(lua_State *L)
{
    struct stat a, b;
    bool found = stat(bind_check_name(L, 1, "the path"), &a) == 0 &&
                 stat(bind_check_name(L, 2, "the path"), &b) == 0;
    lua_pushboolean(L, found && a.st_dev == b.st_dev && a.st_ino == b.st_ino);
    return 1;
}

/* The strings of the list at `index`, NULL-terminated, in a userdata that is pushed. */
static char **check_words(lua_State *L, int index)
{
    luaL_checktype(L, index, LUA_TTABLE);
    size_t count = lua_rawlen(L, index);
    char **words = lua_newuserdatauv(L, (count + 1) * sizeof *words, 1);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, index, "a list of strings is wanted");
        union {
            const char *in;
            char *out; /* posix_spawn changes nothing, but its type says char * */
        } word = { lua_tostring(L, -1) };
        words[i] = word.out;
        lua_pop(L, 1);
    }
    luaL_argcheck(L, count > 0, index, "a program is wanted");
    words[count] = NULL;
    return words;
}

/* system.run({ program, arguments... }, output): runs it to its end, input empty, both outputs
 * into the file `output` (nil: dropped). Returns its exit code, or nil and why: "not found",
 * another reason why it did not start, or the signal that ended it. */
static int run_program(lua_State *L)
{
    const char *output = luaL_optstring(L, 2, "/dev/null");
    char **words = check_words(L, 1);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    sigset_t ignored; /* by us, but not by others */
    sigemptyset(&ignored);
    sigaddset(&ignored, SIGPIPE);
    sigaddset(&ignored, SIGXFSZ);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &ignored);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    pid_t process = 0;
    int reason = posix_spawnp(&process, words[0], &actions, &attributes, words, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    while (reason == 0 && waitpid(process, &status, 0) < 0)
        reason = errno == EINTR ? 0 : errno;
    if (reason != 0) {
        lua_pushnil(L);
        lua_pushstring(L, reason == ENOENT ? "not found" : strerror(reason));
        return 2;
    }
    if (WIFSIGNALED(status)) {
        lua_pushnil(L);
        lua_pushfstring(L, "ended by signal %d (%s)", WTERMSIG(status),
                        strsignal(WTERMSIG(status)));
        return 2;
    }
    lua_pushinteger(L, WEXITSTATUS(status));
    return 1;
}

/* system.is_terminal(1 or 2): whether the stream is read by a person. */
static int is_terminal(lua_State *L)
{
    lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
    return 1;
}

/* system.clock(): seconds that only grow. */
static int clock_now(lua_State *L)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    lua_pushnumber(L, (double)now.tv_sec + 1e-9 * (double)now.tv_nsec);
    return 1;
}

int luaopen_aot_system(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "make_folders", make_folders },
        { "temporary_folder", temporary_folder },
        { "remove", remove_tree },
        { "kind", kind_of },
        { "run", run_program },
        { "is_terminal", is_terminal },
        { "clock", clock_now },
        { "entries", entries },
        { "same", same },
        { "lock", lock },
        { NULL, NULL },
    };
    luaL_newlib(L, functions);
    return 1;
}
